"""Which volumes of a disk are shown and mounted: those that are wanted and can be read whole."""

from collections.abc import Collection

from codered.targets.images.partitions import Partition
from codered.targets.overlay.exporting import round_up

UNWANTED = "nothing is to be done on it"


def choose_volumes(
    partitions: tuple[Partition, ...], size: int, wanted: Collection[str] | None
) -> tuple[list[Partition], dict[str, str]]:
    """The volumes of a disk of `size` bytes that can be shown, of those that are `wanted` (None = all), and why the
    others are not.
    """
    chosen: list[Partition] = []
    refused: dict[str, str] = {}
    for partition in partitions:
        name = name_volume(partition)
        if wanted is not None and name not in wanted:
            refused[name] = UNWANTED
        elif not partition.kind.read:
            refused[name] = f"{partition.kind.name}: {partition.kind.advice or partition.kind.passed}"
        elif partition.troubles:
            refused[name] = "; ".join(partition.troubles)
        elif partition.start % 512 or (partition.size % 512 and partition.start + partition.size < size):
            refused[name] = "it does not begin and end at a sector"
        else:
            whole = round_up(partition.size)
            chosen.append(partition if whole == partition.size else _widen(partition, whole))
    return chosen, refused


def name_volume(partition: Partition) -> str:
    """As it is called in paths: `p1`."""
    return f"p{partition.number}"


def _widen(partition: Partition, size: int) -> Partition:
    return Partition(number=partition.number, start=partition.start, size=size, kind=partition.kind)
