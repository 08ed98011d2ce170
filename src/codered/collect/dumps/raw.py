"""Raw images (dd, vmem): the address is the place in the file."""

from codered.collect.dumps.layout import DumpFile, DumpLayout, Segment

RAW = "raw image"


def read_raw(file: DumpFile) -> DumpLayout:
    """The layout of a raw image, which any file may be."""
    return DumpLayout(RAW, iter((Segment(1, 0, 0, file.size),)))
