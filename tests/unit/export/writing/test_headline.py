import msgspec
import pytest

from codered.export.writing.headline import list_internal_attackers, rank_attackers, write_headline
from codered.model.finding import Finding, Subject
from codered.model.heuristics import HEURISTICS
from codered.model.report import Look, Report
from tests.fixtures.outbreak_reports import make_outbreak_report

SENTENCES = {
    "infected": "INFECTED: Code Red II is on this volume: 3 files, 2 of them confirmed. The picture is incomplete: "
    "1 file could not be looked at (see Not looked at). Next: codered plan.",
    "attacked": "ATTACKED: 24 requests of Code Red v1/v2 from 24 addresses; nothing here says that this "
    "server is infected, and logs can't prove that it is not.",
    "suspicious": "SUSPICIOUS: 1 internal address (10.1.2.3) attacked (Code Red v1/v2): treat it as an infected host.",
    "vulnerable": "VULNERABLE: this volume is open to Code Red II. Next: patch it before it is attacked.",
    "clean": "CLEAN: nothing found in 17,162 files and 3 logs (1,210 lines) with 3 packs.",
    "incomplete": "INCOMPLETE: nothing found, but 12 files could not be looked at (see Not looked at). "
    "This does not mean clean.",
}


@pytest.mark.parametrize("verdict", list(SENTENCES))
def test_says_what_it_means(demo_reports: dict[str, Report], verdict: str) -> None:
    assert write_headline(demo_reports[verdict]).sentence() == SENTENCES[verdict]


def test_what_spreads_is_contained_first() -> None:
    recorded = make_outbreak_report()
    live = msgspec.structs.replace(recorded, target=msgspec.structs.replace(recorded.target, kind="live_linux"))
    strangers = msgspec.structs.replace(recorded, findings=recorded.findings[2:])
    assert "Next: codered contain suggest REPORT.json" in write_headline(recorded).story
    assert write_headline(live).story.endswith("Next: codered contain on, then codered plan.")
    assert "Next" not in write_headline(strangers).story


EMPTY = Look(layer="files", where="everything asked for", state="failed", why="there is no file in it", count=1)


def test_never_clean_with_a_hole(clean: Report, incomplete: Report) -> None:
    for holed, why in (
        (msgspec.structs.replace(clean, looks=incomplete.looks), "12 files could not"),
        (msgspec.structs.replace(clean, interrupted=True), "the scan was interrupted"),
        (msgspec.structs.replace(clean, looks=()), "nothing was looked at"),
        (msgspec.structs.replace(clean, looks=(EMPTY,)), "1 thing could not be looked at"),
    ):
        headline = write_headline(holed)
        assert headline.verdict == "incomplete"
        assert headline.word == "INCOMPLETE"
        assert why in headline.story
        assert "CLEAN" not in headline.sentence()


def test_how_sure(infected: Report) -> None:
    def tell(*at: int) -> str:
        return write_headline(
            msgspec.structs.replace(
                infected, looks=infected.looks[:1], findings=tuple(infected.findings[n] for n in at)
            )
        ).story

    assert "1 file, confirmed." in tell(0)
    assert "1 file, confirmed." in tell(0, 0)
    assert "1 file, not yet confirmed." in tell(1)
    assert "2 files, all of them confirmed." in tell(0, 2)
    assert "2 files, 1 of them confirmed." in tell(0, 1)


def test_a_shared_sign_names_no_single_culprit(infected: Report) -> None:
    shared = msgspec.structs.replace(infected.findings[4], confidence="confirmed")
    story = write_headline(msgspec.structs.replace(infected, looks=infected.looks[:1], findings=(shared,))).story
    assert story.startswith("signs of Code Red II or Nimda are on this volume: 1 file, confirmed.")


def test_two_threats(infected: Report) -> None:
    both = (infected.findings[0], msgspec.structs.replace(infected.findings[3], confidence="likely"))
    story = write_headline(msgspec.structs.replace(infected, findings=both)).story
    assert story.startswith("Code Red II and Nimda are on this volume: 2 files, 1 of them confirmed.")


def test_suspicious_files_need_a_person(infected: Report) -> None:
    weak = tuple(f for f in infected.findings if f.confidence == "suspicious")
    report = msgspec.structs.replace(infected, verdict="suspicious", findings=weak, looks=infected.looks[:1])
    assert write_headline(report).story == "2 files on this volume may belong to Nimda; a person must judge."


def test_internal_address_is_named_without_a_table(suspicious: Report) -> None:
    report = msgspec.structs.replace(suspicious, logs=None)
    assert "1 internal address (10.1.2.3) attacked: treat it as an infected host." in write_headline(report).story


def test_internal_first_then_the_busiest(suspicious: Report) -> None:
    ranked = rank_attackers(suspicious)
    assert ranked[0].address == "10.1.2.3"
    assert [a.count for a in ranked] == sorted((a.count for a in ranked), reverse=True)
    assert [a.address for a in list_internal_attackers(suspicious)] == ["10.1.2.3"]


def test_what_looks_like_a_sweep_is_named_as_that_and_comes_last(suspicious: Report) -> None:
    assert suspicious.logs is not None
    alike = [msgspec.structs.replace(a, like_sweep=a.internal) for a in suspicious.logs.attackers]
    report = msgspec.structs.replace(suspicious, logs=msgspec.structs.replace(suspicious.logs, attackers=tuple(alike)))
    assert list_internal_attackers(report) == ()
    assert rank_attackers(report)[-1].address == "10.1.2.3"
    story = write_headline(report).story
    assert "10.1.2.3 looks like a sweep by this tool: see that it was yours." in story
    assert "infected host" not in story
    assert "back door" not in story
    answered = [msgspec.structs.replace(f, severity="critical", count=1) for f in report.findings]
    story = write_headline(msgspec.structs.replace(report, findings=tuple(answered))).story
    assert "see that it was yours. One request was answered as if a back door were there: look at that host." in story


def test_a_request_in_the_name_of_our_sweep_takes_nobody_out_of_the_headline(suspicious: Report) -> None:
    assert suspicious.logs is not None
    other = msgspec.structs.replace(suspicious.logs.attackers[0], address="10.9.9.9", internal=True, like_sweep=False)
    alike = [msgspec.structs.replace(a, like_sweep=a.internal) for a in suspicious.logs.attackers]
    [asked] = (f for f in suspicious.findings if f.subject.address == "10.1.2.3")
    for layer in ("network", "traffic"):
        sent = msgspec.structs.replace(asked, id="sent", layer=layer)
        for attackers, named in ((alike, "10.1.2.3"), ([*alike, other], "10.9.9.9 and 10.1.2.3")):
            logs = msgspec.structs.replace(suspicious.logs, attackers=tuple(attackers))
            story = write_headline(msgspec.structs.replace(suspicious, logs=logs, findings=(asked, sent))).story
            assert f"({named}) attacked" in story
            assert "infected host" in story
            assert "sweep" not in story


def test_what_differs_from_known_good_is_no_intruders_sign(clean: Report) -> None:
    subject = Subject(kind="file", path="/etc/x.conf")
    changed = Finding(
        id="1", pack=HEURISTICS, indicator="content", layer="integrity", subject=subject, confidence="likely",
        severity="medium", because="configuration differs",
    )  # fmt: skip
    sentence = write_headline(msgspec.structs.replace(clean, verdict="suspicious", findings=(changed,))).sentence()
    assert sentence == "SUSPICIOUS: 1 file on this volume is not as it is known to be good; a person must judge."


def test_what_was_compared_is_counted(clean: Report) -> None:
    look = Look(layer="integrity", where="files of the baseline", state="looked", count=4752)
    compared = msgspec.structs.replace(clean, looks=(look,), packs=(), logs=None)
    assert write_headline(compared).sentence() == "CLEAN: nothing found in 4,752 things compared with known good."
