"""What of it does not need Windows; tests/windows reads real processes."""

from datetime import UTC, datetime

import pytest

from codered.collect.windows.processes import (
    collect_windows_processes,
    find_objects,
    hash_program,
    to_time,
)
from codered.model.process import ProcessId, ProcessSeen


def test_times_of_windows_become_utc() -> None:
    assert to_time(126_404_928_000_000_000) == datetime(2001, 7, 25, 0, 0, tzinfo=UTC)
    assert to_time(0) is None
    assert to_time(2**63) is None


def test_what_can_not_be_listed_is_an_error_and_no_empty_list() -> None:
    with pytest.raises(OSError, match="on Windows only"):
        collect_windows_processes()


def test_without_windows_there_are_no_objects_and_no_program() -> None:
    assert find_objects(("CodeRedII",)) == ()
    assert hash_program(ProcessSeen(id=ProcessId(1, 1), parent=0, name="x")) == ""
