"""A pack comes from anybody: a colleague, a web page, an update source. What it tries, and what becomes of it."""

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.cli.packs.viewing import list_as_text, show_as_text
from codered.model.errors import WrongUse
from codered.model.indicators import ContentIndicator
from codered.model.target import Place
from codered.packs.compiling import compile_packs
from codered.packs.linting import lint_packs
from codered.packs.loading import load_pack, load_packs
from codered.packs.strict_yaml import MOST_BYTES
from codered.remediate.drafts import Wishes
from codered.remediate.planning import make_plan
from codered.scan import ScanRequest, scan
from codered.targets import open_target
from tests.fixtures.changing import FolderTarget
from tests.fixtures.pack_publisher import write_pack
from tests.fixtures.packs_for_plans import make_finding, make_pack, make_report
from tests.fixtures.small_packs import content_indicator, make_rules
from tests.fixtures.small_packs import make_pack as make_small_pack

NEEDED = (b"etc/passwd", b"etc/shadow", b"etc/ssh/sshd_config", b"usr/bin/bash", b"bin/sh", b"usr/lib/systemd/systemd",
          b"usr/lib/x86_64-linux-gnu/libc.so.6")  # fmt: skip
EVERYTHING = 'rule everything { strings: $anchor_a = "a" nocase condition: filesize > 0 or $anchor_a }'


@pytest.fixture
def target(tmp_path: Path) -> FolderTarget:
    (tmp_path / "root").mkdir()
    return FolderTarget(tmp_path / "root")


def lay_out(target: FolderTarget, *names: bytes) -> None:
    for name in names:
        place = Path(os.fsdecode(target.absolute(name)))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"needed")


@pytest.mark.parametrize("removal", ["quarantine_file", "delete_file"])
def test_what_a_system_needs_is_in_no_plan_whatever_a_pack_says(target: FolderTarget, removal: str) -> None:
    lay_out(target, *NEEDED, b"srv/worm")
    pack = make_pack("one", {"root-exe": removal})  # type: ignore[dict-item]
    found = [make_finding(target, name, confidence="confirmed") for name in (*NEEDED, b"srv/worm")]
    plan = make_plan(make_report(target, *found), (pack,), target, Wishes())
    assert [os.path.basename(action.path.text) for action in plan.actions if action.path] == ["worm"]
    assert sum("the system needs this file" in left.because for left in plan.left_alone) == len(NEEDED)


def test_nothing_outside_of_the_root_is_in_a_plan(target: FolderTarget, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"mine")
    lay_out(target, b"srv/x")
    os.symlink(tmp_path, target.absolute(b"srv/link"))
    pack = make_pack("one", {"root-exe": "delete_file"})
    names = (b"../outside", b"srv/../../outside", b"srv/link/outside")
    found = [make_finding(target, name, confidence="confirmed") for name in names]
    plan = make_plan(make_report(target, *found), (pack,), target, Wishes())
    assert (plan.actions, len(plan.left_alone)) == ((), 3)
    assert outside.read_bytes() == b"mine"


def test_a_rule_that_matches_everything_is_findings_that_name_its_pack(tmp_path: Path) -> None:
    """Nothing stops it from accusing all; who reads the report sees which pack does, and its own words."""
    for number in range(3):
        (tmp_path / f"plain{number}").write_text("a plain text")
    sign: ContentIndicator = content_indicator("all", rule="everything")
    rules = make_rules(make_small_pack("accuser", rules=EVERYTHING, content=(sign,)))
    request = ScanRequest(places=(Place("all", (str(tmp_path),)),), cores=1)
    report = scan(open_target(str(tmp_path)), request, rules)
    assert {finding.pack for finding in report.findings} == {"accuser"}
    assert len(report.findings) == 3
    assert [pack.name for pack in report.packs] == ["accuser"]


def test_a_pack_without_sources_for_what_it_says_does_not_pass(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, "accuser")
    (folder / "rules.yar").write_text(EVERYTHING)
    problems = [problem for problem in lint_packs((load_pack(folder),)) if problem.level == "error"]
    assert any("rules.yar" in problem.where for problem in problems), problems


def test_a_million_rules_are_refused_before_they_are_read(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, "flood")
    (folder / "rules.yar").write_text("".join(f"rule r{n} {{ condition: true }}\n" for n in range(1_000_000)))
    assert (folder / "rules.yar").stat().st_size > MOST_BYTES
    with pytest.raises(WrongUse, match="bytes"):
        load_pack(folder)


@pytest.mark.parametrize("name", ["rules.yar", "pack.yaml", "examples"])
def test_a_link_in_its_folder_reads_nothing_of_this_host(tmp_path: Path, name: str) -> None:
    folder = write_pack(tmp_path / "packs", "linked")
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to("/etc" if name == "examples" else "/etc/passwd")
    with pytest.raises(WrongUse) as caught:
        load_packs(folder.parent)
    assert "root:" not in str(caught.value)


def test_a_folder_named_like_another_pack_is_refused(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, "codered2")
    folder.rename(tmp_path / "another")
    with pytest.raises(WrongUse, match="codered2"):
        load_packs(tmp_path)


def test_its_words_reach_no_terminal_as_orders(tmp_path: Path) -> None:
    loaded = load_pack(write_pack(tmp_path, "speaking", summary=r'"\e[2J\e]0;owned\a\u202Eevil"'))
    assert "\x1b" in loaded.pack.summary
    titled = replace(loaded, pack=replace(loaded.pack, title=loaded.pack.summary + "\n"))
    for said in (show_as_text(titled), list_as_text((titled,))):
        assert not set(said) & set("\x1b\a\u202e")
    assert len(list_as_text((titled,)).splitlines()) == 2


def test_rules_that_do_not_compile_are_refused_with_their_pack(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "packs", "broken")
    (folder / "rules.yar").write_text('include "/etc/passwd"\nrule x { condition: true }')
    with pytest.raises(WrongUse) as caught:
        compile_packs(load_packs(folder.parent), tmp_path / "cache")
    assert "root:" not in str(caught.value)
