"""Records of packages that are not installed: they claim files, so that these look as if a package had brought them."""

from collections.abc import Iterator

from codered.collect.autostart.entries import make_entry
from codered.collect.autostart.reading import Reader, as_text
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

MOST_RECORDS = 1_000


def collect_package_records(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """A list each of a package that dpkg's status does not know as installed, without its text: it is only names."""
    strangers = packages.strangers()
    for rel in strangers[:MOST_RECORDS]:
        file = reader.read(rel)
        if file is not None:
            yield make_entry(
                reader, packages, file, "package_hook", entry=as_text(rel.rpartition(b"/")[2], 255), text=b"",
                facts=frozenset(("record-without-package",)),
            )  # fmt: skip
    if len(strangers) > MOST_RECORDS:
        reader.miss(strangers[MOST_RECORDS], f"more than {MOST_RECORDS} records of no package: the rest was left out")
