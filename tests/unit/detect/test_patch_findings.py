from msgspec.structs import replace

from codered.detect.patch_findings import find_holes
from codered.model.patches import PatchAnswer, PatchSubject
from codered.model.paths import FilePath

PACKAGE = PatchSubject(says="vulnerable", name="idq", version="1.0", fixed="2.0", manager="dpkg", architecture="all")
BESIDE = PatchSubject(says="patched", name="idq", version="2.0")
NEXT = PatchSubject(says="vulnerable", name="next", version="15.0.4", path=FilePath("/srv/\\xff", b"/srv/\xff"))


def test_one_finding_for_each_thing_with_the_hole() -> None:
    answer = PatchAnswer(
        says="vulnerable", hole="a hole", because="", pack="react2shell", cves=("CVE-1",), severity="critical",
        subjects=(PACKAGE, BESIDE, NEXT),
    )  # fmt: skip
    first, second = find_holes((answer,))
    assert (first.pack, first.layer, first.confidence, first.severity) == (
        "react2shell",
        "patches",
        "confirmed",
        "critical",
    )
    assert (first.subject.kind, first.subject.key, first.subject.path) == ("package", "idq", None)
    assert first.because == "idq 1.0 has the hole a hole (CVE-1); the fix is in 2.0"
    assert first.evidence[0].what == "installed version 1.0, by the records of dpkg"
    assert second.subject.file_path().to_bytes() == b"/srv/\xff"
    assert "no fixed version is known" in second.because
    assert first.id != second.id


def test_a_whole_windows_is_told_by_what_proves_it() -> None:
    answer = PatchAnswer(
        says="vulnerable", hole="a hole", because="idq.dll 5.0 is older than the fix", pack="codered",
        guidance=("MS01-033",), subjects=(PatchSubject(says="vulnerable", name="windows2000"),),
    )  # fmt: skip
    (finding,) = find_holes((answer,))
    assert finding.because == "windows2000 has the hole a hole; idq.dll 5.0 is older than the fix; see MS01-033"
    assert finding.evidence[0].what == "idq.dll 5.0 is older than the fix"
    (finding,) = find_holes((replace(answer, guidance=()),))
    assert finding.because.endswith("older than the fix")


def test_an_advisory_is_named_and_other_answers_are_no_findings() -> None:
    named = PatchAnswer(says="vulnerable", hole="x", because="", advisory="DSA-1", subjects=(PACKAGE,))
    (finding,) = find_holes((named,))
    assert (finding.pack, finding.indicator) == ("advisories", "DSA-1")
    unsure = PatchAnswer(says="undetermined", hole="x", because="", subjects=(PACKAGE,))
    assert find_holes((unsure,)) == ()
