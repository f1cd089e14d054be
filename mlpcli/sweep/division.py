"""How the networks of a sweep are divided: into blocks, and these among workers and shards."""

from collections.abc import Sequence

from mlpcli.core.errors import ChoiceError
from mlpcli.core.families import count_in

FIRST = 2  # networks of the first piece of work of each worker: its lines are written soon
LEAST = 8  # networks of a block that is not halved


def cut(networks: Sequence[int], size: int) -> list[list[int]]:
    """Blocks of `size` networks; the last has the rest."""
    return [list(networks[start : start + size]) for start in range(0, len(networks), size)]


def spread(blocks: list[list[int]], workers: int, least: int = LEAST) -> list[list[int]]:
    """The blocks, the largest halved until there are two for each worker, so that none of them is idle.

    Blocks of up to `least` networks are not halved.
    """
    blocks = sorted(blocks, key=len, reverse=True)
    while blocks and len(blocks) < 2 * workers and len(blocks[0]) > least:
        largest, *rest = blocks
        blocks = sorted([*rest, *halves(largest)], key=len, reverse=True)
    return blocks


def tapered(blocks: list[list[int]], workers: int) -> list[list[int]]:
    """The blocks for so many workers: first small pieces, so that an early end loses little; the largest blocks next.

    The last blocks are in smaller pieces, too, so that all workers end at about one time.
    """
    blocks = spread(blocks, workers)
    first = [block[:FIRST] for block in blocks[:workers] if len(block) > LEAST]
    blocks = [*(block[FIRST:] for block in blocks[: len(first)]), *blocks[len(first) :]]
    whole, last = blocks[:-workers], blocks[-workers:]
    return first + whole + [piece for block in last for piece in cut(block, max(LEAST, -(-len(block) // 4)))]


def halves(block: list[int]) -> list[list[int]]:
    """A block in two."""
    return [half for half in (block[: len(block) // 2], block[len(block) // 2 :]) if half]


def shard_of(text: str | None) -> tuple[int, int]:
    """The shard in a text, 3/8 for instance: every eighth block from the third. All blocks without a text."""
    if text is None:
        return 1, 1
    number, _, total = text.partition("/")
    shard = count_in(number) or 0, count_in(total) or 0
    if not 1 <= shard[0] <= shard[1]:
        raise ChoiceError(f"--shard takes a shard and the number of shards, 3/8 for instance, not '{text}'")
    return shard
