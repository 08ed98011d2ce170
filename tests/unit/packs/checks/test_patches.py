from collections.abc import Callable
from pathlib import Path

import pytest

from codered.packs.checks.patches import check_patches
from codered.packs.problems import CheckedPack

MakePack = Callable[..., CheckedPack]
EVIDENCE = (
    "          file: '%SystemRoot%\\system32\\demo.dll'\n          version: 5.0.1\n          not_before: '2001-05-25'\n"
)


@pytest.mark.parametrize(
    "proof",
    [
        "key: HKLM\\SOFTWARE\\Q1",
        "service_pack_at_least: 3",
        "package: openssl\n          version_at_least: 1.0.2k-1ubuntu1",
        "package: openssl\n          release: bookworm\n          version_at_least: 3.0.11-1~deb12u2",
        "component: npm:next\n          since: 15.0.0-rc.1\n          version_at_least: 15.0.5",
        "component: Maven:org.apache.logging.log4j:log4j-core\n          version_at_least: 2.15.0",
        "file: x.dll\n          version_at_least: 5.0.2195.3645",
        "file: x.dll\n          version: 5.0.1\n          before: '2001-05-25'",
    ],
)
def test_one_proof_is_enough(checked_pack: MakePack, proof: str) -> None:
    assert list(check_patches(checked_pack(("pack.yaml", EVIDENCE, f"          {proof}\n")))) == []


@pytest.mark.parametrize(
    ("proof", "what"),
    [
        ("note: nothing", "evidence of nothing"),
        ("key: x\n          service_pack_at_least: 3", "evidence of key and service_pack_at_least"),
        ("file: x.dll", "a file without a version"),
        ("file: x.dll\n          version: 5.0.1", "a version without a date"),
        ("file: x.dll\n          version_at_least: 5.0.x", "`5.0.x` is no version"),
        ("file: x.dll\n          version: '5'\n          before: 20010525", "`20010525` is no date"),
        ("package: x", "software without a version"),
        ("package: x\n          version_at_least: 1;2", "`1;2` is no version"),
        ("component: next\n          version_at_least: 1.0.0", "`next` is no component"),
        ("component: Brew:next\n          version_at_least: 1.0.0", "`Brew:next` is no component"),
        ("key: x\n          release: bookworm", "a release without a package"),
        ("key: x\n          since: 1.0.0", "`since` without a component"),
        ("component: npm:x\n          since: ^1\n          version_at_least: 1.0.0", "`^1` is no version"),
    ],
)
def test_what_proves_nothing(checked_pack: MakePack, proof: str, what: str) -> None:
    (problem,) = check_patches(checked_pack(("pack.yaml", EVIDENCE, f"          {proof}\n")))
    assert problem.what == what


def test_evidence_rests_on_a_reference(checked_pack: MakePack) -> None:
    old = "not_before: '2001-05-25'\n          references: [{}]"
    edit = ("pack.yaml", old.format("source"), old.format("sauce"))
    (problem,) = check_patches(checked_pack(edit))
    assert problem.what == "no reference `sauce`"
    assert problem.advice == "did you mean `source`?"


def test_an_affected_platform_without_evidence_says_why(checked_pack: MakePack) -> None:
    old = "      evidence:\n        - says: patched\n" + EVIDENCE + "          references: [source]\n"
    (problem,) = check_patches(checked_pack(("pack.yaml", old, "")))
    assert (problem.what, problem.level) == ("no evidence for nt4", "warning")
    assert list(check_patches(checked_pack(("pack.yaml", old, "      note: no patch exists\n")))) == []


def test_a_pack_without_a_vulnerability_is_fine(checked_pack: MakePack) -> None:
    text = (Path(checked_pack().loaded.folder) / "pack.yaml").read_text()
    text = text[text.index("vulnerability:") : text.index("files:\n")]
    assert list(check_patches(checked_pack(("pack.yaml", text, "")))) == []


@pytest.mark.parametrize(
    ("mitigation", "wanted"),
    [
        ("kind: disable_module\n      module: apache2:cgi", []),
        ("kind: unmap\n      mapping: .ida", []),
        ("kind: disable_module\n      module: ../cgi", ["`../cgi` is no module"]),
        ("kind: disable_module", ["`` is no module"]),
        ("kind: unmap", ["no mapping to take away"]),
    ],
)
def test_mitigations_name_what_they_take_away(checked_pack: MakePack, mitigation: str, wanted: list[str]) -> None:
    added = f"  mitigations:\n    - {mitigation}\n      because: it keeps the hole from being reached\n  platforms:\n"
    problems = check_patches(checked_pack(("pack.yaml", "  platforms:\n", added)))
    assert [problem.what for problem in problems] == wanted
