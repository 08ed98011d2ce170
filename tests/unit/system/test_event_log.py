import pytest

from codered.system.event_log import report_event


def test_elsewhere_there_is_none() -> None:
    with pytest.raises(OSError, match="only Windows"):
        report_event(1, "information", "x")
