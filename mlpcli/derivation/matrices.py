"""A formula in matrix form, which follows from its indices: Σⱼ Wᵢⱼ hⱼ is W h, Σᵢ Wᵢⱼ daᵢ is Wᵀ da, daᵢ hⱼ is da hᵀ.

A vector is a column. The sample's index is not an axis: each of several samples has its own vectors, such as a[2].
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.derivation.formula import INDICES, SAMPLE, Expression, Name, Node, Number, Total, children, names
from mlpcli.derivation.writing import spelled_out

Pieces = tuple[Array | str, ...]  # 2-D arrays and the signs between them
Arrays = Callable[[Node, str, int], Array]  # a factor as a 2-D array, for one sample if it depends on it


class Factor(NamedTuple):
    """A vector or a matrix, or its transpose."""

    node: Node
    turned: bool


class Term(NamedTuple):
    """A term: sign, scalars, perhaps Σₛ, and a product of matrices or an element-wise product."""

    sign: str
    scalars: tuple[Node, ...]
    over_samples: bool
    of_samples: tuple[Node, ...]  # scalars that differ between the samples, such as ωₛ
    factors: tuple[Factor, ...]
    elementwise: bool


def matrix_text(node: Node, indices: str, shown: Callable[[Name], str]) -> str:
    """The matrix form with symbols. A formula that is not a sum of products stays as it is."""
    try:
        terms = list(_terms(node, indices.replace(SAMPLE, "")))
    except ValueError:
        return spelled_out(node, _without(shown, indices.replace(SAMPLE, "")))
    shown, text = _without(shown, INDICES.replace(SAMPLE, "")), ""
    for term in terms:
        text += f" {term.sign} " if text else term.sign.replace("+", "")
        parts = [_in_product(each, shown) for each in term.scalars] + [f"Σ{SAMPLE}"] * term.over_samples
        parts += [_in_product(each, shown) for each in term.of_samples]
        factors = [_with_transpose(factor, shown) for factor in term.factors]
        text += " ".join(parts + ([" ⊙ ".join(factors)] if term.elementwise else factors))
    return text


def _without(shown: Callable[[Name], str], indices: str) -> Callable[[Name], str]:
    """As `shown`, but without these indices."""
    return lambda name: shown(name._replace(indices="".join(each for each in name.indices if each not in indices)))


def matrix_numbers(node: Node, indices: str, arrays: Arrays, samples: int) -> Pieces:
    """The same with 2-D arrays instead of symbols; empty if the formula is not a sum of products."""
    try:
        terms = list(_terms(node, indices.replace(SAMPLE, "")))
    except ValueError:
        return ()
    pieces: list[Array | str] = []
    for term in terms:
        pieces += [term.sign] if pieces or term.sign == "−" else []
        pieces += _numbers(term, arrays, samples)
    return _merged(pieces)


# ----- From indices to products -------------------------------------------------------------------------------------


def _terms(node: Node, head: str) -> Iterator[Term]:
    """The products whose sum is the formula. Raises ValueError if it is not a sum of products."""
    if isinstance(node, Expression) and node.sign in ("+", "−"):
        for term in (term for part in node.parts for term in _terms(part, head)):
            yield term._replace(sign="−") if node.sign == "−" else term
        return
    sums, factors = _flat(node)
    scalars = tuple(factor for factor in factors if not _axes(factor))
    tensors = [factor for factor in factors if _axes(factor)]
    if any(_is(each, "/") and _axes(each) for each in factors) or any(map(_has_root, factors)):
        raise ValueError("a quotient of matrices")
    elementwise = len(tensors) > 1 and all(_axes(each) == head for each in tensors)
    arranged = tuple(Factor(each, False) for each in tensors) if elementwise else _arranged(tensors, head)
    own = tuple(each for each in scalars if SAMPLE in sums and _depends_on_sample(each))
    yield Term("+", tuple(each for each in scalars if each not in own), SAMPLE in sums, own, arranged, elementwise)


def _flat(node: Node) -> tuple[str, list[Node]]:
    """The indices of all sums, and all factors."""
    match node:
        case Total(index, body):
            sums, factors = _flat(body)
            return index + sums, factors
        case Expression("·", parts):
            flat = [_flat(part) for part in parts]
            return "".join(sums for sums, _ in flat), [each for _, factors in flat for each in factors]
    return "", [node]


def _axes(node: Node) -> str:
    """The indices of a factor that make axes of a matrix."""
    if isinstance(node, Name):
        return node.indices.replace(SAMPLE, "")
    return "".join(dict.fromkeys(index for part in children(node) for index in _axes(part)))


def _depends_on_sample(node: Node) -> bool:
    return any(SAMPLE in name.indices for name in names(node))


def _has_root(node: Node) -> bool:
    return _is(node, "√") or any(map(_has_root, children(node)))


def _is(node: Node, sign: str) -> bool:
    return isinstance(node, Expression) and node.sign == sign


def _arranged(tensors: list[Node], head: str) -> tuple[Factor, ...]:
    """The factor with the row index of the result first, the other one last; each is transposed if necessary."""
    if len(tensors) == 1 and len(_axes(tensors[0])) == len(head):
        return (Factor(tensors[0], _axes(tensors[0]) != head),)
    if len(tensors) != 2:
        raise ValueError("not a product of two")
    first, second = sorted(tensors, key=lambda each: head[0] not in _axes(each))
    shared = set(_axes(first)) & set(_axes(second))
    columns = len(head) == 2
    if columns and len(_axes(first)) == len(_axes(second)) == 2 and len(shared) == 1 and not shared & set(head):
        return Factor(first, _axes(first)[0] != head[0]), Factor(second, _axes(second)[1] != head[1])
    if len(shared) > 1 or (columns and shared) or (not columns and not shared):
        raise ValueError("not a product of matrices")
    return Factor(first, _axes(first)[0] != head[0]), Factor(second, columns)


# ----- Text and numbers ---------------------------------------------------------------------------------------------


def _in_product(node: Node, shown: Callable[[Name], str]) -> str:
    text = spelled_out(node, shown)
    return f"({text})" if _is(node, "+") else text


def _with_transpose(factor: Factor, shown: Callable[[Name], str]) -> str:
    text = _in_product(factor.node, shown)
    if _is(factor.node, "^"):
        text = spelled_out(factor.node, lambda name: f"({shown(name)})")
    if not factor.turned:
        return text
    return f"({text})ᵀ" if "/" in text else f"{text}ᵀ"


def _numbers(term: Term, arrays: Arrays, samples: int) -> list[Array | str]:
    pieces: list[Array | str] = []
    for scalar in term.scalars:
        if isinstance(scalar, Number) or _is(scalar, "/"):
            pieces.append(spelled_out(scalar, str))
        else:
            pieces += [arrays(scalar, "", 0), "·"]
    several = term.over_samples and samples > 1
    bracket = several and bool(term.scalars)
    pieces += ["("] if bracket else []
    for sample in range(samples if several else 1):
        pieces += ["+"] if sample else []
        for scalar in term.of_samples:
            pieces += [arrays(scalar, "", sample), "·"]
        pieces += _one(term, lambda node, indices: arrays(node, indices, sample))  # noqa: B023
    return pieces + ([")"] if bracket else [])


def _one(term: Term, arrays: Callable[[Node, str], Array]) -> list[Array | str]:
    """The product for one sample."""
    pieces: list[Array | str] = []
    for factor in term.factors:
        if isinstance(factor.node, Expression) and factor.node.sign == "^":  # each number times itself
            base = arrays(factor.node.parts[0], _axes(factor.node))
            pieces += [base, "⊙", base]
            continue
        values = arrays(factor.node, _axes(factor.node))
        values = values.T if factor.turned else values
        if pieces:
            scalar = 1 in (values.size, np.asarray(pieces[-1]).size)
            pieces += ["⊙"] if term.elementwise else ["·"] if scalar else []
        pieces.append(values)
    return pieces


def _merged(pieces: list[Array | str]) -> Pieces:
    """The pieces, with neighboring signs joined into one."""
    merged: list[Array | str] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        if isinstance(piece, str) and isinstance(last, str):
            merged[-1] = f"{last} {piece}" if piece == "(" or last == ")" else last + piece
        else:
            merged.append(piece)
    return tuple(piece.strip() if isinstance(piece, str) else piece for piece in merged)
