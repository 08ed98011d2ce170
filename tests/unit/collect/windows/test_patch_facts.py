from pathlib import Path

from codered.collect.registry import open_registry
from codered.collect.windows.patch_facts import collect_patch_facts, without_hives
from codered.collect.windows.system import identify_windows
from codered.model.countermeasures import Evidence, PlatformPatch, Vulnerability
from codered.model.windows import WindowsSystem
from codered.targets import open_target
from tests.fixtures.windows_roots import lay_out_windows2000, write

KEY = "HKLM\\SOFTWARE\\Microsoft\\Updates\\Windows 2000\\SP3\\Q300972"
IDQ = "%SystemRoot%\\system32\\idq.dll"


def make_hole(*evidence: Evidence) -> Vulnerability:
    platform = PlatformPatch(platform="windows2000", affected=True, evidence=evidence)
    return Vulnerability(name="x", cves=(), bulletins=(), component="x", conditions="x", platforms=(platform,))


HOLE = make_hole(
    Evidence(says="patched", references=(), key=KEY),
    Evidence(says="patched", references=(), key=KEY + "9"),
    Evidence(says="patched", references=(), file=IDQ, version_at_least="5.0"),
    Evidence(says="patched", references=(), file="C:\\absent.dll", version_at_least="5.0"),
)


def test_keys_and_files_that_evidence_asks_for(tmp_path: Path) -> None:
    lay_out_windows2000(tmp_path, {KEY.removeprefix("HKLM\\SOFTWARE\\").replace("Q3", "q3"): {"Installed": 1}})
    target = open_target(str(tmp_path))
    registry = open_registry(target)
    seen = collect_patch_facts(target, registry, identify_windows(target, registry), (HOLE, HOLE))
    assert seen.facts.keys == frozenset({KEY})
    assert [(one.name, one.exists, one.version) for one in seen.facts.files] == [
        (IDQ, True, "5.0.2195.1600"),
        ("C:\\absent.dll", False, ""),
    ]
    assert (seen.facts.platform, seen.facts.service_pack, seen.facts.web_server) == ("windows2000", 2, "5.0")
    assert (seen.keys, seen.files, seen.unread) == (1, 2, ())


def test_what_a_broken_hive_leaves_open(tmp_path: Path) -> None:
    lay_out_windows2000(tmp_path)
    write(tmp_path, "WINNT/system32/config/software", b"no hive")
    write(tmp_path, "WINNT/system32/config/system", b"no hive")
    for program in (tmp_path / "WINNT/system32/inetsrv").iterdir():
        program.unlink()
    target = open_target(str(tmp_path))
    registry = open_registry(target)
    seen = collect_patch_facts(target, registry, identify_windows(target, registry), (HOLE,))
    assert (seen.facts.keys, seen.facts.service_pack, seen.facts.web_server) == (None, None, None)
    assert seen.facts.files[0].version == "5.0.2195.1600"  # found in the usual folder


def test_a_system_folder_with_another_name(tmp_path: Path) -> None:
    write(tmp_path, "NT/system32/idq.dll", b"x")
    target = open_target(str(tmp_path))
    assert without_hives(target, WindowsSystem(root="C:\\NT\\"), (HOLE,)).files[0].exists
    assert not without_hives(target, WindowsSystem(root="\\NT"), (HOLE,)).files[0].exists
