"""Plans against holes on roots of the test's own; upgrades themselves are tested on a machine."""

import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from codered.detect.patch_findings import find_holes
from codered.model.countermeasures import Mitigation
from codered.model.patches import PatchAnswer, PatchSubject
from codered.model.paths import FilePath
from codered.model.plan import Plan
from codered.model.report import Report
from codered.model.target import Target
from codered.remediate import package_programs
from codered.remediate.drafts import Wishes
from codered.remediate.planning import make_plan
from codered.targets import open_target

PACKAGE = PatchSubject(says="vulnerable", name="idq", version="1.0", fixed="2.0", manager="dpkg", architecture="all")
NEXT = PatchSubject(
    says="vulnerable", name="next", version="15.0.4", fixed="15.0.5", path=FilePath("/srv/package.json")
)


def make_answer(subject: PatchSubject, *mitigations: Mitigation) -> PatchAnswer:
    return PatchAnswer(
        says="vulnerable", hole="a hole", because="", advisory="DSA-1", subjects=(subject,), mitigations=mitigations,
        guidance=("MS01-033",), references=("https://example.org/1",), needs_reboot=True,
    )  # fmt: skip


def plan(target: Target, answer: PatchAnswer, wishes: Wishes) -> Plan:
    report = Report(
        id="r", tool="codered", command=(), started=datetime.now(UTC), seconds=0, target=target.info, scope=(),
        verdict="vulnerable", findings=find_holes((answer,)), patches=(answer,),
    )  # fmt: skip
    return make_plan(report, (), target, wishes)


def make_root(folder: Path) -> Target:
    for name in ("etc", "usr", "var"):
        (folder / name).mkdir()
    return open_target(str(folder))


def why_left(made: Plan) -> str:
    assert made.actions == ()
    (left,) = made.left_alone
    return left.because


def test_a_windows_is_not_told_to_upgrade_packages(tmp_path: Path) -> None:
    (tmp_path / "root/WINNT/system32").mkdir(parents=True)
    said = why_left(plan(open_target(str(tmp_path / "root")), make_answer(PACKAGE), Wishes()))
    assert said.endswith("a reboot is needed then")


def test_guidance_where_nothing_was_wished_for(tmp_path: Path) -> None:
    said = why_left(plan(make_root(tmp_path), make_answer(PACKAGE), Wishes()))
    assert said == (
        "bring idq to 2.0 or later (see MS01-033, https://example.org/1); a reboot is needed then; "
        "codered plan --patch proposes what can be upgraded"
    )


@pytest.mark.parametrize(
    ("subject", "wanted"),
    [
        (PACKAGE, "only on the running host itself: bring idq to 2.0"),
        (NEXT, "no package manager brought it: bring next to 15.0.5"),
    ],
)
def test_what_is_not_upgraded_gets_the_reason(tmp_path: Path, subject: PatchSubject, wanted: str) -> None:
    assert wanted in why_left(plan(make_root(tmp_path), make_answer(subject), Wishes(patch=True)))


def test_a_package_that_is_not_at_the_version_of_the_scan() -> None:
    said = why_left(plan(open_target(), make_answer(PACKAGE), Wishes(patch=True)))
    assert said == "it is at another version than the scan saw, or not whole: scan again"


@pytest.mark.parametrize(
    "changed",
    [{"name": "-oAPT::Update::Pre-Invoke::=x"}, {"name": "idq-"}, {"version": "1.0 other"}, {"architecture": "-x"}],
)
def test_no_program_is_asked_with_words_that_are_no_package(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str]
) -> None:
    """The status file is the target's, and so is what a report says of it."""
    asked: list[object] = []
    monkeypatch.setattr(package_programs, "ask", asked.append)
    subject = msgspec.structs.replace(PACKAGE, **changed)
    said = why_left(plan(open_target(), make_answer(subject), Wishes(patch=True)))
    assert "none that a package can have" in said
    assert asked == []


def test_modules_are_switched_off_and_that_is_no_patch(tmp_path: Path) -> None:
    target = make_root(tmp_path)
    enabled, php = tmp_path / "etc/apache2/mods-enabled", tmp_path / "etc/php/8.2/fpm/conf.d"
    for folder in (enabled, php):
        folder.mkdir(parents=True)
    (enabled / "cgi.load").symlink_to("../mods-available/cgi.load")
    (php / "20-demo.ini").symlink_to("/etc/php/8.2/mods-available/demo.ini")
    (php / "20-other.ini").symlink_to("/etc/php/8.2/mods-available/other.ini")
    mitigations = (
        Mitigation(kind="disable_module", module="apache2:cgi", because="No request reaches it."),
        Mitigation(kind="disable_module", module="php:demo", because="It is not loaded."),
        Mitigation(kind="disable_module", module="php:absent", because="It is not loaded."),
        Mitigation(kind="unmap", mapping=".ida", because="No request reaches it."),
    )
    made = plan(target, make_answer(PACKAGE, *mitigations), Wishes(mitigate=True))
    assert [(one.kind, os.path.basename(one.path.text)) for one in made.actions] == [
        ("disable_module", "cgi.load"),
        ("disable_module", "20-demo.ini"),
    ]
    assert all("a mitigation, not a patch" in one.because for one in made.actions)
    assert all(link.target is None for one in made.actions if one.becomes for link in one.becomes.links)
    unasked = plan(target, make_answer(PACKAGE, *mitigations), Wishes())
    assert unasked.actions == ()
    assert "take the script mapping .ida away by hand" in why_left(unasked)
