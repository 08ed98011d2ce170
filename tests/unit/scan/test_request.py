import msgspec
import pytest

from codered.model.target import Place
from codered.scan.request import Progress, ScanRequest, ignore_progress


def test_a_request_looks_at_everything_unless_told() -> None:
    request = ScanRequest(places=(Place("here", ("/x",)),))
    assert (request.logs_only, request.read_logs, request.internal, request.cores) == (False, True, (), 0)
    with pytest.raises(AttributeError):
        request.cores = 3  # type: ignore[misc]


def test_progress_starts_at_nothing_and_may_be_ignored() -> None:
    progress = Progress()
    ignore_progress(progress)
    assert progress.seconds_left < 0  # no watch by the clock
    assert not any(msgspec.structs.astuple(msgspec.structs.replace(progress, seconds_left=0.0)))
