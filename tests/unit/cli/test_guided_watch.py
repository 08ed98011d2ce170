from pathlib import Path

import pytest

from codered.cli import guided_watch, monitoring
from codered.cli.monitor_options import MonitorOptions


def test_the_watch_is_of_the_plan_and_lasts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[MonitorOptions] = []
    monkeypatch.setattr(monitoring, "monitor", asked.append)
    guided_watch.install_watch(str(tmp_path / "p.json"), "72h")
    (options,) = asked
    assert (options.plan, options.length, options.install, options.on_finding) == (
        str(tmp_path / "p.json"), "72h", True, "tell",
    )  # fmt: skip
