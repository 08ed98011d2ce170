import itertools
from typing import Any

import msgspec

from codered.detect.attribution import attribute
from codered.model.finding import Evidence, Finding, Subject


def finding(pack: str, *shared_by: str, path: str = "/root.exe", **fields: Any) -> Finding:
    given: dict[str, Any] = {
        "id": f"{pack} {path}",
        "pack": pack,
        "indicator": "i",
        "layer": "files",
        "subject": Subject(kind="file", path=path),
        "confidence": "likely",
        "severity": "high",
        "because": f"{pack} says so",
        "shared_by": shared_by,
    }
    return Finding(**given | fields)


OWN = finding("red", path="/own")


def test_nothing_gives_nothing() -> None:
    assert attribute(()) == ()


def test_an_own_sign_stays_as_it_is() -> None:
    assert attribute((OWN,)) == (OWN,)


def test_a_shared_sign_alone_names_nobody() -> None:
    (judged,) = attribute((finding("red", "blue"),))
    assert (judged.pack, judged.shared_by) == ("unattributed", ("blue", "red"))
    assert judged.because == "red says so"


def test_one_thing_found_by_several_sharing_packs_is_one_finding() -> None:
    (judged,) = attribute((finding("red", "blue"), finding("blue", "red")))
    assert (judged.pack, judged.shared_by) == ("unattributed", ("blue", "red"))


def test_an_own_sign_of_one_of_them_attributes() -> None:
    judged = {f.subject.path: f for f in attribute((finding("red", "blue"), finding("blue", "red"), OWN))}
    shared = judged["/root.exe"]
    assert (shared.pack, shared.id, shared.shared_by) == ("red", "red /root.exe", ())
    assert shared.because == "red says so (a sign shared with blue; other findings here point to red)"
    assert judged["/own"] == OWN


def test_own_signs_of_two_of_them_attribute_to_neither() -> None:
    findings = (finding("red", "blue"), finding("blue", "red"), OWN, finding("blue", path="/other"))
    assert [f.pack for f in attribute(findings) if f.subject.path == "/root.exe"] == ["unattributed"]


def test_what_counts_as_an_own_sign() -> None:
    for weak in (
        finding("red", path="/own", confidence="suspicious"),
        finding("red", path="/own", layer="logs"),
        finding("red", path="/own", layer="patches", confidence="confirmed"),
        finding("red", "blue", path="/own"),
        finding("green", path="/own"),
    ):
        judged = attribute((finding("red", "blue"), weak))
        assert [f.pack for f in judged if f.subject.path == "/root.exe"] == ["unattributed"], weak


def test_an_own_sign_of_a_pack_without_an_indicator_for_the_thing_does_not_attribute() -> None:
    """The removal goes by pack and indicator: there must be one."""
    judged = attribute((finding("red", "blue"), finding("blue", path="/own")))
    assert [f.pack for f in judged if f.subject.path == "/root.exe"] == ["unattributed"]


def test_nothing_of_what_was_merged_is_lost() -> None:
    common = Evidence(what="the whole file", sha256="0")
    findings = (
        finding("red", "blue", severity="low", attack=("T1",), evidence=(Evidence(what="red"), common)),
        finding("blue", "red", confidence="confirmed", attack=("T2",), evidence=(Evidence(what="blue"), common)),
    )
    for own in ((), (OWN,)):
        judged = next(f for f in attribute((*findings, *own)) if f.subject.path == "/root.exe")
        assert (judged.confidence, judged.severity, judged.attack) == ("confirmed", "high", ("T2", "T1"))
        assert [evidence.what for evidence in judged.evidence] == ["blue", "the whole file", "red"]


def test_different_things_stay_apart() -> None:
    subjects = (
        Subject(kind="file", path="/a\\xff", path_raw=b"/a\xff"),
        Subject(kind="file", path="/a\\xff"),
        Subject(kind="setting", key="HKLM\\x"),
        Subject(kind="setting", key="HKLM\\y"),
        Subject(kind="process", pid=1),
        Subject(kind="process", pid=2),
    )
    judged = attribute(tuple(finding("red", "blue", subject=subject) for subject in subjects))
    assert {f.subject for f in judged} == set(subjects)
    assert len(judged) == len(subjects)


def test_signs_shared_by_other_packs_stay_apart() -> None:
    judged = attribute((finding("red", "blue"), finding("green", "blue")))
    assert {f.shared_by for f in judged} == {("blue", "red"), ("blue", "green")}


def test_log_findings_pass_unchanged() -> None:
    line = finding("red", "blue", layer="logs", subject=Subject(kind="address", address="192.0.2.1"))
    assert line in attribute((line, OWN))


def test_the_strongest_come_first() -> None:
    findings = (
        finding("b", path="/1", confidence="suspicious"),
        finding("b", path="/2"),
        finding("a", path="/4"),
        finding("a", path="/3"),
        finding("z", path="/5", confidence="confirmed"),
    )
    assert [f.subject.path for f in attribute(findings)] == ["/5", "/3", "/4", "/2", "/1"]


def test_the_order_of_arrival_makes_no_difference() -> None:
    findings = (
        finding("red", "blue"),
        finding("blue", "red", confidence="confirmed"),
        finding("red", "blue", id="second", indicator="j"),
        OWN,
    )
    assert len({msgspec.json.encode(attribute(order)) for order in itertools.permutations(findings)}) == 1


def test_to_judge_again_changes_nothing() -> None:
    once = attribute((finding("red", "blue"), finding("blue", "red")))
    assert attribute(once) == once
