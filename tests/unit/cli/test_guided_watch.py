from pathlib import Path

import pytest

from codered.cli import guided_watch, monitoring
from codered.cli.monitor_options import MonitorOptions
from codered.model.errors import Refused, WrongUse


def test_the_watch_is_of_the_plan_and_lasts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[MonitorOptions] = []
    monkeypatch.setattr(monitoring, "monitor", asked.append)
    monkeypatch.setattr(guided_watch, "check_boots", lambda _: None)
    guided_watch.install_watch(str(tmp_path / "p.json"), "72h")
    (options,) = asked
    assert (options.plan, options.length, options.install, options.on_finding) == (
        str(tmp_path / "p.json"), "72h", True, "tell",
    )  # fmt: skip


def test_without_systemd_no_watch_is_begun(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[MonitorOptions] = []

    def refuse(_: object) -> None:
        raise Refused("nothing can be left to its next start")

    monkeypatch.setattr(monitoring, "monitor", asked.append)
    monkeypatch.setattr(guided_watch, "check_boots", refuse)
    with pytest.raises(Refused, match=r"nothing would start the watch.*without --install"):
        guided_watch.install_watch(str(tmp_path / "p.json"), "72h")
    assert asked == []


@pytest.mark.parametrize("length", ["banana", "0s", "-1h", ""])
def test_a_watch_that_can_not_last(length: str) -> None:
    with pytest.raises(WrongUse, match="--monitor"):
        guided_watch.check_length(length)
