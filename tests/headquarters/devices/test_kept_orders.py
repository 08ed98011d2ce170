"""What the keeper keeps: whole files, and clocks that nobody sets."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered_hq.devices.kept_orders import (
    KeptOrder,
    KeptResult,
    NoOrder,
    hand_over,
    is_due,
    read_done,
    read_file,
    read_kept,
    write_file,
)
from codered_hq.model.device import ControlOrder, ControlState

ORDER = ControlOrder(kind="disable_port", device="sw1", label="cr-1", port="1")
NOW = datetime(2031, 5, 1, tzinfo=UTC)


def test_a_clock_that_is_set_moves_nothing(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    kept = KeptOrder(uid="a", order=ORDER, before=ControlState(values={}), undo_at=now + timedelta(hours=1))
    hand_over(tmp_path, kept)
    read = read_kept(tmp_path, "a.json")
    assert (read.order, read.undo_at) == (ORDER, kept.undo_at)
    assert not is_due(read, now + timedelta(days=365)), "set forward"
    past = msgspec.structs.replace(read, deadline=0.0)
    assert is_due(past, now - timedelta(days=365)), "set back"
    other = msgspec.structs.replace(read, boot="another start")
    assert (is_due(other, now), is_due(other, now + timedelta(hours=2))) == (False, True)
    assert [path.name for path in (tmp_path / "due").iterdir()] == ["a.json"], "no draft is left"


def test_names_and_times_that_can_be_none(tmp_path: Path) -> None:
    kept = KeptOrder(uid="../x", order=ORDER, before=ControlState(values={}), undo_at=NOW)
    for uid in ("../x", "", "a" * 65, ".", "a/b", "\x1b"):
        with pytest.raises(WrongUse):
            hand_over(tmp_path, msgspec.structs.replace(kept, uid=uid))
    (tmp_path / "due").mkdir(exist_ok=True)
    naive = msgspec.structs.replace(kept, uid="b", undo_at=NOW.replace(tzinfo=None))
    (tmp_path / "due/b.json").write_bytes(msgspec.json.encode(naive))
    with pytest.raises(NoOrder, match="no time zone"):
        read_kept(tmp_path, "b.json")


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=300) | st.just(b"[" * 100_000))
def test_bytes_of_anybody_are_an_order_or_none(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(raw)
    for kind in (KeptOrder, KeptResult):
        with pytest.raises(NoOrder):
            read_file(path, kind)


def test_what_is_no_result_keeps_nobody_waiting(tmp_path: Path) -> None:
    good = KeptResult(uid="good", outcome="undone", at=NOW)
    files = {
        "good": good,
        "other": msgspec.structs.replace(good, uid="no/name"),
        "naive": msgspec.structs.replace(good, uid="naive", at=NOW.replace(tzinfo=None)),
    }
    for name, result in files.items():
        write_file(tmp_path / "done" / f"{name}.json", msgspec.json.encode(result))
    (tmp_path / "done/text.json").write_text("{")
    assert read_done(tmp_path) == [good]
    assert sorted(path.name for path in (tmp_path / "aside").iterdir()) == ["naive.json", "other.json", "text.json"]
