import pytest

from codered.cli import drilling
from tests.fixtures.saying import Say


def test_the_drill_of_a_host_is_run_as_told(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[bool, bool]] = []

    def run(keep: bool, quiet: bool) -> int:
        told.append((keep, quiet))
        return 1

    monkeypatch.setattr(drilling, "run_host_drill", run)
    assert say("drill", "host").code == 1
    assert say("drill", "host", "--keep", "-q").code == 1
    assert told == [(False, False), (True, True)]


def test_a_drill_needs_its_name(say: Say) -> None:
    assert say("drill").code == 2
    assert say("drill", "nosuch").code == 2
