import msgspec

from codered.export.reports.html import render_html
from codered.export.reports.text import render_text
from codered.export.writing.paint import Paint
from codered.export.writing.patch_words import list_answers, tell_answer, write_patches
from codered.model.countermeasures import Mitigation
from codered.model.patches import PatchAnswer, PatchSubject
from codered.model.paths import FilePath
from codered.model.report import Report

NEXT = PatchSubject(says="vulnerable", name="next", version="15.0.4", fixed="15.0.5", path=FilePath("/srv/\x1b[31m<b>"))
OPEN = PatchAnswer(
    says="vulnerable", hole="a hole", because="next 15.0.4 is older than 15.0.5", advisory="GHSA-1", cves=("CVE-1",),
    subjects=(NEXT,), needs_reboot=True,
    mitigations=(Mitigation(kind="disable_module", module="apache2:cgi", because="no request reaches it"),),
)  # fmt: skip
UNSURE = PatchAnswer(says="undetermined", hole="a hole", because="registry is not read in this version", pack="codered")
ABSENT = PatchAnswer(says="not_present", hole="a hole", because="none was found", pack="sysrv")
CLOSED = PatchAnswer(says="patched", hole="a hole", because="idq 2.0 has the fix of 2.0", pack="kinsing")


def with_answers(report: Report, *answers: PatchAnswer) -> Report:
    return msgspec.structs.replace(report, patches=answers)


def test_the_open_ones_come_first(clean: Report) -> None:
    report = with_answers(clean, ABSENT, CLOSED, UNSURE, OPEN)
    assert [answer.says for _, answer in list_answers(report)] == [
        "vulnerable", "undetermined", "patched", "not_present",
    ]  # fmt: skip
    assert list_answers(report)[0][0] == "GHSA-1"


def test_a_mitigation_is_never_called_a_patch() -> None:
    told = tell_answer(OPEN)
    assert told.startswith("next 15.0.4 is older than 15.0.5 (/srv/")
    assert told.endswith("CVE-1; the patch needs a reboot; no request reaches it (a mitigation, not a patch)")
    assert tell_answer(UNSURE) == UNSURE.because


def test_what_is_not_there_is_only_counted(clean: Report) -> None:
    lines = write_patches(with_answers(clean, UNSURE, ABSENT), Paint(colour=False))
    assert any(line.startswith("  can't be told: ") for line in lines)
    assert lines[-1] == "  not present: 1 hole"
    assert write_patches(clean, Paint(colour=False)) == []


def test_many_are_cut_short(clean: Report) -> None:
    assert "… and 10 more" in "\n".join(write_patches(with_answers(clean, *[OPEN] * 60), Paint(colour=False)))


def test_hostile_names_stay_text_in_every_format(clean: Report) -> None:
    report = with_answers(clean, OPEN, UNSURE)
    text, page = render_text(report), render_html(report)
    assert "VULNERABLE: GHSA-1" in text
    assert "\x1b" not in text + page
    assert "Patches: which holes are closed here" in page
    assert "[31m<b>" not in page
