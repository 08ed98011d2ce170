"""Whether a place in memory can be a program's own doing, or holds what anybody may have sent to it."""

from collections.abc import Callable

from codered.collect.memory_map import MOST_LINE, MOST_REGIONS, parse_line
from codered.model.paths import FilePath, path_from_bytes
from codered.model.process import MemoryRegion

_DELETED = b" (deleted)"

# The package that owns a file, "" = none, None = not known.
OwnerOf = Callable[[FilePath], str | None]


def know_no_owner(_: FilePath) -> str | None:
    """For who has nobody to ask."""
    return None


class CodeRegions:
    """The regions of a process that hold code which came with no package. Its map is read when first asked."""

    def __init__(self, folder: str, owner_of: OwnerOf) -> None:
        self._folder = folder
        self._owner_of = owner_of
        self._foreign: frozenset[str] | None = None

    def has(self, region: MemoryRegion) -> bool:
        """Whether the region can be run, or is data of a program or library that is deleted or no package's."""
        if "x" in region.permissions:
            return True
        if self._foreign is None:
            self._foreign = frozenset(self._list_foreign())
        return region.what in self._foreign

    def _list_foreign(self) -> list[str]:
        """The names, as in the map, of files that the process runs code from and that nobody vouches for."""
        named: dict[str, bytes] = {}
        try:
            with open(f"{self._folder}/maps", "rb") as file:
                for _ in range(MOST_REGIONS):
                    line = file.readline(MOST_LINE)
                    if not line:
                        break
                    mapped = parse_line(line)
                    if mapped is not None and mapped.inode and "x" in mapped.region.permissions:
                        named[mapped.region.what] = mapped.name
        except OSError:
            return []
        return [what for what, name in named.items() if self._is_foreign(name)]

    def _is_foreign(self, name: bytes) -> bool:
        # A library that was upgraded while it is in use is deleted as well: its package still has one of that name.
        owner = self._owner_of(path_from_bytes(name.removesuffix(_DELETED).replace(b"\\012", b"\n")))
        return not owner and (owner is not None or name.endswith(_DELETED))
