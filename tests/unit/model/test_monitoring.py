from datetime import UTC, datetime

import msgspec
import pytest

from codered.model.known_good import AutostartRecord
from codered.model.monitoring import Heartbeat, MonitorState, Orders, Snapshot

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_state_survives_the_disk_with_names_that_are_no_text() -> None:
    snapshot = Snapshot(autostart=(AutostartRecord("cron", b"etc/cron.d/\xff", 3, "x", "ab"),))
    state = MonitorState(
        orders=Orders(name="host", seconds=5.0), tool="1", host="h", started=NOW, snapshot=snapshot, told={"a": 1}
    )
    assert msgspec.json.decode(msgspec.json.encode(state), type=MonitorState) == state


def test_a_heartbeat_is_no_state() -> None:
    beat = Heartbeat(time=NOW, boot="b", up=1.0, elapsed=1.0, pid=1)
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(beat), type=MonitorState)
