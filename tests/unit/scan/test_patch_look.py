import json
from pathlib import Path

from codered.collect.autostart.reading import Reader
from codered.collect.packages import PackageDatabase
from codered.detect.advisories import NO_RELEASE
from codered.model.report import judge_verdict
from codered.model.target import Place
from codered.packs.compiling import compile_packs
from codered.packs.loading import load_packs
from codered.scan.patch_look import PatchLook, add_advisories, answer_unread, look_at_patches
from codered.scan.request import ScanRequest
from codered.scan.run import scan
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, write

PACKS = load_packs(Path(__file__).parents[3] / "packs")
RELEASE = 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n'
STATUS = "Package: idq\nStatus: install ok installed\nArchitecture: all\nVersion: 1.0\n\n"
NEXT = {"srv/app/node_modules/next/package.json": '{"name": "next", "version": "15.0.4"}'}
ADVISORY = {
    "id": "LAB-1",
    "affected": [
        {
            "package": {"ecosystem": "Debian:12", "name": "idq"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}],
        }
    ],
}


def make_system(folder: Path, files: dict[str, str]) -> Path:
    write(make_root(folder), {"usr/lib/os-release": RELEASE, **files})
    with (folder / "var/lib/dpkg/status").open("a") as status:
        status.write(STATUS)
    return folder


def make_advisories(folder: Path) -> str:
    folder.mkdir()
    (folder / "good.json").write_text(json.dumps(ADVISORY))
    (folder / "bad.json").write_text("{")
    return str(folder)


def look(root: Path, **wishes: "str | bool") -> PatchLook:
    target = open_target(str(root))
    request = ScanRequest(places=(Place("web roots", ()),), **wishes)  # type: ignore[arg-type]
    return look_at_patches(target, PACKS, request, PackageDatabase(Reader(target)))


def says(seen: PatchLook) -> dict[str, str]:
    return {answer.pack or answer.advisory: answer.says for answer in seen.answers}


def test_packs_and_their_components(tmp_path: Path) -> None:
    seen = look(make_system(tmp_path, NEXT))
    assert says(seen)["react2shell"] == "vulnerable"
    assert says(seen)["codered"] == says(seen)["kinsing"] == "not_present"
    (finding,) = seen.findings
    assert (finding.layer, finding.subject.kind, finding.subject.key) == ("patches", "package", "next")
    assert judge_verdict(seen.findings, has_gaps=False) == "vulnerable"


def test_fast_is_no_answer_about_components(tmp_path: Path) -> None:
    seen = look(make_system(tmp_path, NEXT), fast=True)
    assert says(seen)["react2shell"] == "undetermined"
    assert any(item.state == "skipped" and "fast" in item.why for item in seen.counted)


def test_advisories_count_and_the_bad_are_named(tmp_path: Path) -> None:
    seen = look(make_system(tmp_path / "root", {}), advisories=make_advisories(tmp_path / "advisories"))
    assert says(seen)["LAB-1"] == "vulnerable"
    (bad,) = [item for item in seen.counted if item.state == "failed"]
    assert bad.example.endswith("bad.json")


def test_a_package_that_is_not_whole_is_said(tmp_path: Path) -> None:
    root = make_system(tmp_path / "r", {})
    with (root / "var/lib/dpkg/status").open("a") as status:
        status.write(STATUS.replace("idq", "half").replace("ok installed", "reinstreq half-installed"))
    told = [one for one in look(root, fast=True).counted if one.state == "failed"]
    assert [one.example for one in told] == ["half (half-installed)"]


def test_a_whole_scan_has_every_answer_and_more_can_be_added(tmp_path: Path) -> None:
    root = make_system(tmp_path / "root", {})
    target = open_target(str(root))
    request = ScanRequest(places=(Place("all", (str(root),)),), cores=1)
    report = scan(target, request, compile_packs(PACKS, None))
    assert {answer.pack for answer in report.patches} == {one.pack.name for one in PACKS if one.pack.vulnerability}
    folder = make_advisories(tmp_path / "advisories")
    more = add_advisories(report, target, folder)
    assert more.patches[-1].advisory == "LAB-1"
    assert more.findings[-1].indicator == "LAB-1"
    assert more.looks[-1].is_gap()
    assert add_advisories(more, target, folder).patches == more.patches


def test_of_an_offline_windows_without_hives_little_is_known(tmp_path: Path) -> None:
    (tmp_path / "WINNT/system32").mkdir(parents=True)
    answers = {answer.pack: answer for answer in answer_unread(open_target(str(tmp_path)), PACKS)}
    assert answers["codered"].says == "undetermined"
    assert answers["codered"].because == "which Windows this is, is not known"
    assert answers["react2shell"].says == "not_present"
    assert answer_unread(open_target(str(make_root(tmp_path / "linux"))), PACKS) == ()


def test_an_advisory_for_a_release_that_can_not_be_told_is_a_gap(tmp_path: Path) -> None:
    root = make_system(tmp_path / "root", {"usr/lib/os-release": "NAME=x\n"})
    folder = make_advisories(tmp_path / "advisories")
    seen = look(root, fast=True, advisories=folder)
    assert says(seen)["LAB-1"] == "undetermined"
    assert [(item.why, item.example) for item in seen.counted if item.why == NO_RELEASE] == [(NO_RELEASE, "LAB-1")]
    assert not [finding for finding in seen.findings if "LAB-1" in finding.because]
    target = open_target(str(root))
    report = scan(target, ScanRequest(places=(), fast=True), compile_packs((), None))
    more = add_advisories(report, target, folder)
    assert [look.examples for look in more.looks if look.why == NO_RELEASE] == [("LAB-1",)]
