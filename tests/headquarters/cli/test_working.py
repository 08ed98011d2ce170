"""`codered work`: what nobody took back comes back on time; a part that fails keeps no other from being done."""

import io
import os
import time
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered_hq.beating import NAME, find_beat, is_alive
from codered_hq.cli import working
from codered_hq.containment.models import Containment
from tests.fixtures.networks import inside
from tests.fixtures.ovs_switches import Switch
from tests.fixtures.saying import Say
from tests.fixtures.switched_headquarters import open_at_switch

pytestmark = pytest.mark.django_db


def test_it_comes_back_on_time_with_nobody_of_us_there(
    headquarters: Path, ovs_switch: Switch, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("cli.containing", "containment.acting"):
        monkeypatch.setattr(f"codered_hq.{module}.SHORTEST", 1)
    open_at_switch(headquarters, ovs_switch)
    with inside(ovs_switch.hq):
        assert say("contain", "port", "sw1", "m1", "--for", "3s", "--yes", "--reason", "it spreads").code == 0
        until = time.monotonic() + 20
        while not ovs_switch.is_up("m1"):  # by its own timer, or by the keeper: we do nothing
            assert time.monotonic() < until
            time.sleep(0.05)
        row = Containment.objects.get()
        assert row.state == "holding"
        assert "not read yet" in say("contain", "list").out or Containment.objects.get().state == "undone"
        while row.state != "undone":
            assert time.monotonic() < until
            assert say("work", "--once").code in (0, 1)
            row.refresh_from_db()
        assert row.undone_by in ("keeper", "timer of the device", "worker")
        assert say("contain", "list").code == 0


def test_one_part_that_fails(headquarters: Path, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> list[str]:
        raise WrongUse("the moon is full", where="reports")

    monkeypatch.setitem(working.PARTS, "containment", fail)
    monkeypatch.setitem(working.PARTS, "fleet", lambda *_: ["done \x1b[31m"])
    done = say("work", "--once")
    assert (done.code, "the moon is full" in done.err, "fleet: done \\x1b[31m" in done.err) == (3, True, True), done
    found = find_beat(headquarters)
    assert found is not None
    assert (found.failed, found.doing, found.pid) == ({"containment": "reports: the moon is full"}, "", os.getpid())
    assert is_alive(found)
    assert say("work", "--every", "0").code == 2
    monkeypatch.setattr("codered_hq.cli.working.threading.Event", _Ended)
    assert say("work").code == 0


def test_it_ends_with_who_started_it(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.FileIO(reading)))

    def leave(*_: object) -> list[str]:
        os.close(writing)
        return []

    monkeypatch.setattr(working, "PARTS", {"fleet": leave})
    assert say("work", "--every", "1h", "--until-eof").code == 0


def test_where_it_cannot_say_that_it_lives_it_works_on(headquarters: Path, say: Say) -> None:
    assert say("work", "--once").code == 0
    (headquarters / NAME).unlink()
    (headquarters / NAME).mkdir()
    done = say("work", "--once")
    assert (done.code, "beat: failed, tried again: Is a directory" in done.err) == (3, True), done


class _Ended:
    """As if SIGTERM came."""

    def is_set(self) -> bool:
        return True

    def set(self) -> None: ...

    def wait(self, _seconds: float) -> bool:
        return True
