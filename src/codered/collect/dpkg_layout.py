"""Where a file of a package really lies: folders merged into /usr, and files that were diverted."""

from codered.collect.dpkg_records import DIVERSIONS, RecordReader, as_name, read_record

_MERGED = (b"bin", b"sbin", b"lib", b"lib32", b"lib64", b"libx32", b"libo32")


class DpkgLayout:
    """The layout of a target. `merged` are the folders of the root that are links into /usr, `diversions` map a path
    (merged, below the root) to where it was diverted and to the package that has its own file there (":" = none has).
    """

    def __init__(self, reader: RecordReader) -> None:
        self._reader = reader
        self.merged = tuple(top for top in _MERGED if self._leads_to_usr(top))
        self.diversions = self._read_diversions()

    def merge(self, rel: bytes) -> bytes:
        """/bin/x and /usr/bin/x are one file where /bin is a link to usr/bin."""
        top = rel.partition(b"/")[0]
        return b"usr/" + rel if top in self.merged and top != rel else rel

    def split(self, listed: bytes) -> list[bytes]:
        """The paths of a list of files, merged, below the root."""
        text = b"\n" + listed
        for top in self.merged:
            text = text.replace(b"\n/" + top + b"/", b"\n/usr/" + top + b"/")
        paths = text.split(b"\n/")[1:]
        if paths:
            paths[-1] = paths[-1].rstrip(b"\n")
        return paths

    def place(self, merged: bytes, package: str) -> bytes:
        """Where this file of the package really lies."""
        to, by = self.diversions.get(merged, (merged, package))
        return merged if by == package else to

    def _leads_to_usr(self, top: bytes) -> bool:
        target = self._reader.read_link(top)
        return target is not None and target.strip(b"/") == b"usr/" + top

    def _read_diversions(self) -> dict[bytes, tuple[bytes, str]]:
        lines = read_record(self._reader, DIVERSIONS).split(b"\n")
        return {
            self.merge(lines[i].lstrip(b"/")): (self.merge(lines[i + 1].lstrip(b"/")), as_name(lines[i + 2]))
            for i in range(0, len(lines) - 2, 3)
        }
