"""Memory dumps: which memory lies where in the file. A file a format; to add one, write it and put it into FORMATS."""

from collections.abc import Callable

from msgspec.structs import replace

from codered.collect.dumps.checking import check_parts
from codered.collect.dumps.crash_dump import read_crash_dump
from codered.collect.dumps.elf_core import read_elf_core
from codered.collect.dumps.layout import DumpFile, DumpLayout, Lie, Omission, Part, Segment
from codered.collect.dumps.lime import read_lime
from codered.collect.dumps.named import refuse_named
from codered.collect.dumps.raw import read_raw

__all__ = ["FORMATS", "DumpFile", "DumpLayout", "Lie", "Omission", "Part", "Segment", "read_layout"]

FORMATS: tuple[Callable[[DumpFile], DumpLayout | None], ...] = (read_elf_core, read_lime, read_crash_dump, read_raw)
"""The first that knows the file is its format."""


def read_layout(file: DumpFile) -> DumpLayout:
    """The layout of a dump, held against the file. Raises WrongUse for a format that can't be read, and OSError, both
    also while the parts are read.
    """
    refuse_named(file)
    layout = next(found for read in FORMATS if (found := read(file)) is not None)
    return replace(layout, parts=check_parts(layout.parts, file.size))
