from pathlib import Path
from typing import Any

import msgspec
import pytest

from codered.cli.options import ScanOptions
from codered.cli.scanning_traffic import refuse_traffic_contradictions, scan_captures, scan_network
from codered.model.errors import WrongUse
from codered.model.report import Report
from tests.fixtures.outbreaks import FIRST, write_outbreak
from tests.fixtures.saying import Say
from tests.unit.cli.test_scanning import PLAIN


def asked(**changes: Any) -> ScanOptions:
    return ScanOptions(**(PLAIN | changes))


@pytest.mark.parametrize(
    "words",
    [
        {"capture": ("x",), "logs": ("y",)},
        {"capture": ("x",), "root": "/"},
        {"capture": ("x",), "network": True},
        {"capture": ("x",), "fast": True},
        {"network": True, "paths": ("/tmp",)},
        {"network": True, "full": True},
        {"columns": "time=1"},
        {"length": "9s"},
        {"watch": "2d"},
        {"watch": "soon"},
    ],
)
def test_words_that_exclude_one_another(words: dict[str, Any]) -> None:
    with pytest.raises(WrongUse):
        refuse_traffic_contradictions(asked(**words))


@pytest.mark.parametrize(
    "words",
    [{}, {"capture": ("x",), "paths": ("y",)}, {"network": True, "length": "9s"}, {"watch": "0s", "fast": True}],
)
def test_words_that_go_together(words: dict[str, Any]) -> None:
    refuse_traffic_contradictions(asked(**words))


def test_paths_are_captures_too_and_each_is_read_once(tmp_path: Path) -> None:
    path = str(write_outbreak(tmp_path / "x.pcap"))
    report = scan_captures(asked(capture=(path,), paths=(path,), packs=()))
    assert report.scope == (path,)
    assert FIRST in {finding.subject.address for finding in report.findings}


def test_a_watch_must_last(monkeypatch: pytest.MonkeyPatch) -> None:
    for length in ("0s", "9d"):
        with pytest.raises(WrongUse, match="must be some time"):
            scan_network(asked(network=True, length=length))


def test_a_capture_as_a_user_says_it(say: Say, tmp_path: Path) -> None:
    answer = say("scan", "--capture", write_outbreak(tmp_path / "x.pcap"), "--json")
    report = msgspec.json.decode(answer.out, type=Report)
    assert (answer.code, report.verdict, report.target.kind) == (1, "infected", "traffic_files")
