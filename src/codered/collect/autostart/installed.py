"""When a system was installed, as far as that can be told."""

from datetime import datetime

from codered.collect.autostart.reading import Reader, as_time

MACHINE_ID = b"etc/machine-id"  # written once, at the first start


def find_installed(reader: Reader) -> datetime | None:
    """When its machine id was written (UTC); None if it has none."""
    status = reader.stat(MACHINE_ID)
    return as_time(status.st_mtime) if status is not None else None
