"""Whether the matrices and biases of a document go together, and which of them lies the wrong way round if not.

W⁽ᵏ⁾ has a row for each unit and a column for each of its inputs: as many columns as W⁽ᵏ⁻¹⁾ has rows, and as many rows
as b⁽ᵏ⁾ has numbers. Keras' kernels are the transpose, and so are the matrices of many a calculation by hand.
"""

from collections.abc import Collection, Sequence

from mlpcli.core.errors import MlpError

Shape = tuple[int, ...]


def check_chain(shapes: Sequence[Shape], biases: Sequence[int | None]) -> None:
    """The shapes of all W, and how many numbers each b has, None where there is none.

    Raises MlpError with the layer and both shapes where they do not go together.
    """
    broken = next((k for k in range(len(shapes)) if not _joins(k, shapes, biases)), None)
    if broken is None:
        return
    for turned in ([broken], [broken - 1], range(len(shapes))):
        _check_turned(turned, shapes, biases)
    units, inputs = shapes[broken]
    if broken and inputs != shapes[broken - 1][0]:
        before = shapes[broken - 1][0]
        what = f"shape n×{before} expected, found {units}×{inputs}; layers[{broken - 1}] has {before} units"
        raise MlpError(f"layers[{broken}].weights: {what}")
    what = f"shape {units} expected, found {biases[broken]}; the weights have {units} rows, one for each unit"
    raise MlpError(f"layers[{broken}].bias: {what}")


def _check_turned(turned: Collection[int], shapes: Sequence[Shape], biases: Sequence[int | None]) -> None:
    """Raises MlpError where all would fit, were these matrices transposed."""
    other = [shape[::-1] if k in turned else shape for k, shape in enumerate(shapes)]
    if not all(_joins(k, other, biases) for k in range(len(shapes))):
        return
    first = next(k for k, shape in enumerate(shapes) if other[k] != shape)
    what = f"shape {_spelled(other[first])} expected, found {_spelled(shapes[first])}"
    looks = "it looks transposed, as all matrices do" if len(turned) > 1 else "it looks transposed"
    raise MlpError(f"layers[{first}].weights: {what}; {looks}: each row is a unit, each column one of its inputs")


def _joins(k: int, shapes: Sequence[Shape], biases: Sequence[int | None]) -> bool:
    """Whether a layer takes what the one before it gives, and has a bias for each of its units."""
    units, inputs = shapes[k]
    return (k == 0 or inputs == shapes[k - 1][0]) and biases[k] in (None, units)


def _spelled(shape: Shape) -> str:
    return "×".join(map(str, shape))
