import hashlib
import ipaddress
import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.countermeasures import Removal
from codered.model.finding import Finding
from codered.model.pack import LoadedPack
from codered.model.report import Look, Report
from codered.model.ruleset import RuleSet
from codered.model.target import Place
from codered.scan import Progress, ScanRequest, scan
from codered.scan import run as run_module
from codered.scan.pool import Pool
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, own
from tests.fixtures.log_rules import PACKS
from tests.fixtures.log_rules import make_rules as make_log_rules
from tests.fixtures.small_packs import content_indicator, file_indicator, make_pack, make_rules

RULE = 'rule mark { strings: $anchor_a = "INERT-MARK" condition: any of ($anchor*) }'
PACK = make_pack(
    rules=RULE,
    content=(content_indicator("mark", rule="mark"),),
    files=(file_indicator("folder", names=("cuc",), kind="directory"),),
)


def run(
    folder: Path, *, places: tuple[Place, ...] = (), cores: int = 1, packs: tuple[LoadedPack, ...] = (PACK,)
) -> Report:
    request = ScanRequest(places=places or (Place("all of it", (str(folder),)),), cores=cores)
    return scan(open_target(str(folder)), request, make_rules(*packs))


def write(path: Path, data: bytes = b"plain") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def find_look(report: Report, where: str, state: str = "looked") -> Look:
    (look,) = [look for look in report.looks if look.where == where and look.state == state]
    return look


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    for number in range(300):
        write(root / f"d{number % 7}" / f"f{number}", b"INERT-MARK" if number % 50 == 0 else b"x" * number)
    write(root / "deep/er/cuc/a")
    return root


def test_everything_is_looked_at_and_the_report_says_so(tree: Path) -> None:
    report = run(tree)
    assert (report.verdict, report.interrupted, report.scope) == ("infected", False, (str(tree),))
    assert {found.subject.path for found in report.findings if found.indicator == "mark"} == {
        f"{tree}/d{number % 7}/f{number}" for number in range(0, 300, 50)
    }
    look = find_look(report, "all of it")
    assert (look.count, look.bytes) == (301, sum(path.stat().st_size for path in tree.rglob("*") if path.is_file()))
    assert report.packs[0].name == "inert"
    assert report.tool.startswith("codered ")


def test_the_number_of_workers_changes_nothing(tree: Path) -> None:
    def facts(report: Report) -> tuple[list[Finding], list[tuple[str, int, int]]]:
        return list(report.findings), [(look.where, look.count, look.bytes) for look in report.looks]

    one, two, many = (facts(run(tree, cores=cores)) for cores in (1, 2, 4))
    assert one == two == many
    assert len(one[0]) == 7


def test_places_that_overlap_give_each_finding_once(tree: Path) -> None:
    report = run(tree, places=(Place("all", (str(tree),)), Place("a part", (f"{tree}/d0", f"{tree}/d0"))))
    ids = [found.id for found in report.findings]
    assert len(ids) == len(set(ids)) == 7
    assert find_look(report, "a part").count == 43


def test_a_file_may_be_a_place(tree: Path) -> None:
    report = run(tree, places=(Place("one", (f"{tree}/d0/f0",)),))
    assert [found.subject.path for found in report.findings] == [f"{tree}/d0/f0"]
    assert find_look(report, "one").count == 1


def test_a_clean_tree_and_an_empty_one(tmp_path: Path) -> None:
    write(tmp_path / "a/x")
    assert run(tmp_path).verdict == "clean"
    (tmp_path / "a/x").unlink()
    report = run(tmp_path)
    assert (report.verdict, find_look(report, "all of it").count) == ("clean", 0)


def test_a_place_that_is_gone_was_not_looked_at(tmp_path: Path) -> None:
    report = run(tmp_path, places=(Place("gone", (f"{tmp_path}/gone",)),))
    assert ([look.state for look in report.looks], report.verdict) == (["skipped", "failed"], "incomplete")


def test_what_was_left_out_stands_in_the_looks(tmp_path: Path) -> None:
    write(tmp_path / "a")
    (tmp_path / "link").symlink_to("a")
    os.mkfifo(tmp_path / "fifo")
    report = run(tmp_path)
    assert {(look.state, look.examples[0].rpartition("/")[2]) for look in report.looks if look.examples} == {
        ("skipped", "link"),
        ("skipped", "fifo"),
    }
    assert report.verdict == "clean"


def test_a_crowded_folder_and_many_sub_folders(tmp_path: Path) -> None:
    for number in range(run_module.NAMES_PER_TASK * 3 + 1):
        write(tmp_path / f"f{number}")
        (tmp_path / f"e{number}").mkdir()
    (tmp_path / "cuc").mkdir()
    report = run(tmp_path, cores=2)
    assert find_look(report, "all of it").count == run_module.NAMES_PER_TASK * 3 + 1
    assert [found.subject.path for found in report.findings] == [f"{tmp_path}/cuc"]


def test_progress_is_told_from_nothing_to_all(tree: Path) -> None:
    told: list[tuple[int, int, bool, int]] = []

    def tell(now: Progress) -> None:
        told.append((now.files, now.files_known, now.walked, now.findings))

    request = ScanRequest(places=(Place("all of it", (str(tree),)),), cores=1)
    scan(open_target(str(tree)), request, make_rules(PACK), tell)
    assert told[0] == (0, 0, False, 0)
    assert told[-1] == (301, 301, True, 7)
    assert [row[0] for row in told] == sorted(row[0] for row in told)
    assert all(files <= known for files, known, _, _ in told)


def note_stops(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Filled when a pool is stopped."""
    stopped: list[bool] = []
    stop = Pool.stop

    def note(self: Pool) -> None:
        stop(self)
        stopped.append(True)

    monkeypatch.setattr(Pool, "stop", note)
    return stopped


@pytest.mark.parametrize("after", [0, 1])
def test_ctrl_c_ends_it_early_and_the_report_says_so(tree: Path, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    stopped = note_stops(monkeypatch)

    def tell(now: Progress) -> None:
        if now.files >= after:
            raise KeyboardInterrupt

    request = ScanRequest(places=(Place("all of it", (str(tree),)),), cores=1)
    report = scan(open_target(str(tree)), request, make_rules(PACK), tell)
    assert report.interrupted
    assert find_look(report, "the whole scan", "failed").why == "stopped by the user before the end"
    assert stopped == [True]
    if not after:
        assert report.verdict == "incomplete"


def test_an_error_of_ours_leaves_no_workers(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = note_stops(monkeypatch)

    def tell(_now: Progress) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        scan(open_target(str(tree)), ScanRequest(places=(), cores=1), make_rules(PACK), tell)
    assert stopped == [True]


def make_all_rules() -> RuleSet:
    """Rules for files and for logs."""
    rules, logs = make_rules(PACK), make_log_rules(*PACKS)
    return replace(rules, packs=(*rules.packs, *logs.packs), locate=logs.locate, label=logs.label)


def line(address: str) -> bytes:
    query = "default.ida?" + "N" * 224
    return f'{address} - - [19/Jul/2001:15:38:38 +0000] "GET /{query} HTTP/1.0" 404 209\n'.encode()


def test_logs_among_the_files_name_attackers_and_infect_nobody(tmp_path: Path) -> None:
    write(tmp_path / "log/access.log", line("198.51.100.9") * 3)
    request = ScanRequest(places=(Place("all of it", (str(tmp_path),)),), cores=2)
    target, rules = open_target(str(tmp_path)), make_all_rules()
    report = scan(target, request, rules)
    assert report.logs
    assert (report.verdict, report.logs.lines, report.logs.hits) == ("attacked", 3, 3)
    assert find_look(report, f"{tmp_path}/log/access.log").lines == 3
    own = (ipaddress.ip_network("198.51.100.0/24"),)
    mine = scan(target, ScanRequest(places=request.places, internal=own, cores=1), rules)
    assert [(found.subject.address, found.internal) for found in mine.findings] == [("198.51.100.9", True)]
    assert mine.verdict == "suspicious"


def test_only_logs_are_read_when_asked_for(tmp_path: Path) -> None:
    log, other = write(tmp_path / "l", line("198.51.100.9")), write(tmp_path / "no log", b"INERT-MARK")
    places = (Place("web logs", (str(log), str(other))),)
    report = scan(open_target(str(tmp_path)), ScanRequest(places=places, logs_only=True, cores=1), make_all_rules())
    assert report.verdict == "attacked"
    assert [look.layer for look in report.looks] == ["logs", "logs"]
    assert find_look(report, "web logs", "failed").examples == (str(other),)


def test_a_rebuild_is_advised_for_what_was_found_for_sure(tmp_path: Path) -> None:
    write(tmp_path / "x", b"INERT-MARK")

    def advise(confidence: str) -> list[str]:
        indicator = content_indicator("mark", rule="mark", confidence=confidence)
        loaded = make_pack(rules=RULE, content=(indicator,))
        pack = replace(loaded.pack, removal=Removal(steps=(), rebuild_because="it was open"))
        return [advice.because for advice in run(tmp_path, packs=(replace(loaded, pack=pack),)).rebuild]

    assert advise("likely") == ["it was open"]
    assert advise("suspicious") == []


def test_nothing_is_changed_by_looking(tree: Path) -> None:
    def state() -> list[tuple[str, int, str]]:
        return [
            (str(path), path.stat().st_mtime_ns,
             hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "")
            for path in sorted(tree.rglob("*"))
        ]  # fmt: skip

    before = state()
    run(tree)
    assert state() == before


def test_packages_of_a_whole_system_are_compared_before_its_files(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "app", {"usr/lib/app/a.php": "a", "usr/lib/app/b.php": "b", "usr/share/doc/app/c": "c"})
    for name in ("usr/lib/app/a.php", "usr/share/doc/app/c"):
        (root / name).write_text("changed")
    report = run(root, cores=2)
    found = [finding for finding in report.findings if finding.layer == "integrity"]
    assert [(one.subject.shown, one.confidence, one.remedy) for one in found] == [
        ("/usr/lib/app/a.php", "likely", "restore_file")
    ]
    assert report.verdict == "suspicious"  # somebody changed it, and nobody knows who
    steps = [step.what for step in report.order]
    assert steps.index("packages and known good") == steps.index("files on disk") - 1
    assert (find_look(report, "files of packages").count, find_look(report, "files of packages", "skipped").count) == (
        6,
        1,
    )
    request = ScanRequest(places=(Place("all of it", (str(root),)),), cores=1, fast=True)
    fast = scan(open_target(str(root)), request, make_rules(PACK))
    assert not [finding for finding in fast.findings if finding.layer == "integrity"]
