"""The live tasks of a Windows system that does not run, on real hives, and a whole scan of one."""

import os
from pathlib import Path

import pytest

from codered.collect.registry import open_registry
from codered.model.report import Report
from codered.model.ruleset import RuleSet
from codered.model.target import Place
from codered.packs.compiling import compile_packs
from codered.packs.heuristics import load_heuristics
from codered.packs.loading import load_packs
from codered.scan import ScanRequest, scan
from codered.scan.live_stage import NO_HIVES
from codered.scan.tasks import Counted, Done, LiveTask, MemoryTask
from codered.scan.windows_worker import IIS, NO_IIS, REGISTRY, REPLAYED, WindowsWorker, count_hives
from codered.targets import open_target
from tests.fixtures.hive_files import seal_header
from tests.fixtures.windows_roots import (
    CONFIG,
    infect_codered2,
    infect_proxyshell,
    lay_out_server2019,
    lay_out_windows2000,
    write,
)

FOLDER = Path(__file__).parents[3] / "packs"


@pytest.fixture(scope="module")
def rules(rule_cache: Path) -> RuleSet:
    return compile_packs(load_packs(FOLDER), rule_cache, load_heuristics(FOLDER))


def serve(root: Path, rules: RuleSet, what: str) -> Done:
    request = ScanRequest(places=(Place("all", (str(root),)),))
    worker = WindowsWorker(open_target(str(root)), rules, request)
    return worker.serve(LiveTask(3, what))  # type: ignore[arg-type]


def run(root: Path, rules: RuleSet) -> Report:
    return scan(open_target(str(root)), ScanRequest(places=(Place("all", (str(root),)),)), rules)


def set_sequences(hive: Path, first: int, second: int) -> None:
    data = bytearray(hive.read_bytes())
    data[4:12] = first.to_bytes(4, "little") + second.to_bytes(4, "little")
    hive.write_bytes(seal_header(bytes(data[:4096])) + bytes(data[4096:]))


def failed(counted: list[Counted]) -> list[tuple[str, str]]:
    return [(item.example, item.why) for item in counted if item.state == "failed"]


def test_the_settings_of_code_red_2(tmp_path: Path, rules: RuleSet) -> None:
    lay_out_windows2000(tmp_path)
    planted = [name for name in infect_codered2(tmp_path) if name.startswith("HK")]
    done = serve(tmp_path, rules, "settings")
    assert sorted(item.subject.name() for item in done.findings) == sorted(planted)
    assert {item.pack for item in done.findings} == {"codered2"}
    assert done.windows is not None
    assert done.windows.platform == "windows2000"
    hives = [item for item in done.counted if item.where == REGISTRY]
    assert {item.state for item in hives} == {"looked"}
    assert "HKLM\\SYSTEM (C:\\WINNT\\system32\\config\\system)" in [item.example for item in hives]


def test_a_clean_system_has_none(tmp_path: Path, rules: RuleSet) -> None:
    lay_out_windows2000(tmp_path)
    assert serve(tmp_path, rules, "settings").findings == []
    assert serve(tmp_path, rules, "iis").findings == []
    assert failed(serve(tmp_path, rules, "settings").counted) == []


def test_the_web_server_of_a_server_2019(tmp_path: Path, rules: RuleSet) -> None:
    lay_out_server2019(tmp_path)
    assert serve(tmp_path, rules, "iis").findings == []
    infect_proxyshell(tmp_path)
    done = serve(tmp_path, rules, "iis")
    assert len(done.findings) == 2
    assert os.fsencode(tmp_path / "ProgramData/COM/WHO") in done.leads
    assert next(item for item in done.counted if item.where == IIS).count > 2


def test_no_web_server(tmp_path: Path, rules: RuleSet) -> None:
    config = CONFIG["vista"]
    lay_out_server2019(tmp_path / "with")
    for name in ("software", "system"):
        data = (
            (tmp_path / "with" / config / name).read_bytes().replace(b"W3SVC", b"X3SVC").replace(b"InetStp", b"XnetStp")
        )
        write(tmp_path / "bare", f"{config}/{name}", data)
    done = serve(tmp_path / "bare", rules, "iis")
    assert [(item.state, item.why) for item in done.counted] == [("skipped", NO_IIS)]


def test_states_of_hives_are_told(tmp_path: Path, rules: RuleSet) -> None:
    lay_out_windows2000(tmp_path)
    infect_codered2(tmp_path)
    folder = tmp_path / CONFIG["nt"]
    set_sequences(folder / "software", 7, 6)
    (folder / "SAM").write_bytes(b"no hive")
    system = (folder / "system").read_bytes()
    (folder / "system").write_bytes(system[:4136] + bytes(200) + system[4336:])
    done = serve(tmp_path, rules, "settings")
    gaps = {example.partition(" ")[0]: why for example, why in failed(done.counted)}
    assert "no transaction log" in gaps["HKLM\\SOFTWARE"]
    assert gaps["HKLM\\SAM"].startswith("a hive can't be read")
    assert "is corrupt" in gaps["HKLM\\SYSTEM"]
    confidence = {item.subject.value: item.confidence for item in done.findings}
    assert confidence["SFCDisable"] == "confirmed"
    assert confidence.get("/c", "suspicious") == "suspicious"


def test_a_hive_that_is_missing_is_told(tmp_path: Path, rules: RuleSet) -> None:
    lay_out_windows2000(tmp_path)
    (tmp_path / CONFIG["nt"] / "software").unlink()
    assert "HKLM\\SOFTWARE" in [example for example, _ in failed(serve(tmp_path, rules, "settings").counted)]


def test_nothing_else_is_served(tmp_path: Path, rules: RuleSet) -> None:
    lay_out_windows2000(tmp_path)
    worker = WindowsWorker(open_target(str(tmp_path)), rules, ScanRequest(places=()))
    with pytest.raises(TypeError, match="does not run"):
        worker.serve(LiveTask(1, "processes"))
    with pytest.raises(TypeError, match="does not run"):
        worker.serve(MemoryTask(1, 1, 1, "x"))


def test_a_scan_of_a_whole_system_names_every_trace(tmp_path: Path, rules: RuleSet) -> None:
    lay_out_windows2000(tmp_path)
    planted = infect_codered2(tmp_path)
    report = run(tmp_path, rules)
    assert report.verdict == "infected"
    named = {item.subject.name() for item in report.findings}
    assert set(planted) <= named
    assert report.target.windows is not None
    assert report.target.windows.describe().startswith("Microsoft Windows 2000 Service Pack 2")
    assert {item.pack: item.says for item in report.patches}["codered2"] == "vulnerable"
    assert "missing-patch" in {item.indicator for item in report.findings}
    assert [stage.what for stage in report.order][-1] == "files on disk"


def test_a_web_folder_alone_has_no_registry(tmp_path: Path, rules: RuleSet) -> None:
    write(tmp_path, "inetpub/wwwroot/default.htm", b"<html></html>")
    report = run(tmp_path, rules)
    (look,) = (item for item in report.looks if item.where == REGISTRY)
    assert (look.state, look.why) == ("skipped", NO_HIVES)
    assert (report.verdict, report.target.windows) == ("clean", None)


def test_replayed_hives_are_looked_at(tmp_path: Path) -> None:
    lay_out_windows2000(tmp_path)

    class Replayed:
        """The registry of a system whose hives were all replayed."""

        hives = tuple(
            hive.__class__(root=hive.root, path=hive.path, shown=hive.shown, state="replayed")
            for hive in open_registry(open_target(str(tmp_path))).hives
        )

        @staticmethod
        def unread() -> tuple[tuple[str, str], ...]:
            return ()

    counted = list(count_hives(Replayed()))  # type: ignore[arg-type]
    assert {(item.state, item.why) for item in counted} == {("looked", f"a hive {REPLAYED}")}
