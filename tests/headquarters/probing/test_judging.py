import pytest
from msgspec.structs import replace

from codered.model.countermeasures import Probe, ProbeAnswer
from codered.model.errors import WrongUse
from codered_hq.model.sweep import CheckResult, PackProbe
from codered_hq.probing.asking import Ask
from codered_hq.probing.judging import Judge, sum_up
from codered_hq.probing.reading import Answer

PROBE = Probe(
    id="p", protocol="http", ports=(80,), method="GET", path="/door", control="/{random}", references=(),
    answers=(
        ProbeAnswer(says="infected", because="it is there", status=("200", "502"), server="^IIS/[45]"),
        ProbeAnswer(says="vulnerable", because="the mark", body=r"inert(.|\n){0,40}mark"),
        ProbeAnswer(says="not_seen", because="not there", status=("404", "200")),
        ProbeAnswer(says="undetermined", because="anything else"),
    ),
)  # fmt: skip
MADE_UP = ("GET", "/{random}")


def packed(probe: Probe = PROBE) -> PackProbe:
    return PackProbe(pack="t", version="1", probe=probe)


def answer(status: int, server: str = "", body: bytes = b"", **fields: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    return Answer(status=status, fields={"server": server, **named}, body=body, whole=True, line=b"HTTP/1.1 line")


def judge(got: Answer, control: Answer | None = None, probe: Probe = PROBE) -> CheckResult:
    answers = {("GET", "/door"): got} | ({MADE_UP: control} if control else {})
    (result,) = Judge((packed(probe),)).judge(answers, "", "")
    return result


@pytest.mark.parametrize(
    ("got", "control", "says"),
    [
        (answer(200, "IIS/5.0"), answer(404), "infected"),
        (answer(502, "iis/4.0"), answer(404), "infected"),
        (answer(200, "IIS/5.0"), answer(502, "IIS/5.0"), "undetermined"),
        (answer(200, "IIS/5.0"), answer(403), "undetermined"),
        (answer(200, "IIS/5.0"), Answer(fault="broken off"), "undetermined"),
        (answer(200, "IIS/5.0"), None, "undetermined"),
        (answer(200, "IIS/5.0", content_length="9"), answer(200, "IIS/5.0", content_length="9"), "not_seen"),
        (answer(200, "IIS/5.0", content_length="0"), answer(200, "IIS/5.0", content_length="0"), "undetermined"),
        (answer(200, "IIS/5.0", content_length="9"), answer(200, "IIS/5.0", content_length="8"), "undetermined"),
        (answer(200, "IIS/6.0"), answer(404), "not_seen"),
        (answer(404, "IIS/5.0", b"INERT\n the Mark"), answer(404), "vulnerable"),
        (answer(404, "IIS/5.0", b"inert"), None, "not_seen"),
        (answer(500), None, "undetermined"),
    ],
)
def test_what_is_found_counts_only_where_a_made_up_name_is_not(got: Answer, control: Answer | None, says: str) -> None:
    assert judge(got, control).says == says


def test_evidence_and_what_was_not_read() -> None:
    found = judge(answer(404, body=b"x" * 500 + b"inert" + b" " * 30 + b"mark"), answer(404))
    assert found.evidence == b"inert" + b" " * 30 + b"mark"
    assert judge(answer(404)).evidence == b"HTTP/1.1 line"
    cut = judge(answer(404, body=b"x")._replace(whole=False, fault="longer than 9 bytes"))
    assert (cut.says, "longer than 9 bytes" in cut.because) == ("undetermined", True)
    sent_on = judge(answer(302, location="https://192.0.2.9/"))
    assert "sent on to https://192.0.2.9/" in sent_on.because
    nothing = judge(Answer(fault="another protocol answers", line=b"SSH"))
    assert (nothing.says, nothing.because, nothing.evidence) == ("", "another protocol answers", b"SSH")
    long = replace(PROBE, answers=(ProbeAnswer(says="infected", because="b", body="a{300,900}"),), control="")
    assert len(judge(answer(200, body=b"a" * 900), probe=long).evidence) == 200


def test_requests_are_shared_and_controls_asked_only_where_needed() -> None:
    home = replace(PROBE, id="home", path="/", control="")
    judge_all = Judge((packed(), packed(home), packed(replace(PROBE, id="again"))))
    assert [ask.path for ask in judge_all.asks] == ["/", "/door"]
    assert judge_all.fragile_asks == (Ask("GET", "/", "/"),)
    assert Judge(()).asks == (Ask("GET", "/", "/"),)
    (control,) = judge_all.find_controls({("GET", "/door"): answer(502, "IIS/5")})
    assert control.key == "/{random}"
    assert "{" not in control.path
    assert judge_all.find_controls({("GET", "/door"): answer(404)}) == ()
    assert judge_all.find_controls({("GET", "/"): answer(200, "IIS/5")}) == ()
    fragile = judge_all.judge({("GET", "/"): answer(404)}, "www", "")
    assert [(each.says, each.host) for each in fragile] == [("", "www"), ("not_seen", "www"), ("", "www")]
    assert "fragile" in fragile[0].because


def test_a_pattern_that_is_none_is_refused() -> None:
    for body in ("a(b", "two\nlines"):
        bad = replace(PROBE, answers=(ProbeAnswer(says="infected", because="b", body=body),))
        with pytest.raises(WrongUse, match="not a pattern"):
            Judge((packed(bad),))


def check(says: str) -> CheckResult:
    return CheckResult(pack="t", probe="p", says=says, because=f"because {says}")


def test_the_worst_word_of_a_port_counts() -> None:
    assert sum_up(())[0] == "web"
    order = ("patched", "not_affected", "not_seen", "", "undetermined", "exposed", "vulnerable", "infected")
    states = ("clean", "clean", "clean", "undetermined", "undetermined", "vulnerable", "vulnerable", "infected")
    for number, state in enumerate(states):
        checks = tuple(map(check, order[: number + 1]))
        assert sum_up(checks)[0] == sum_up(checks[::-1])[0] == state
    assert sum_up((check("patched"), check("exposed")))[1] == "t/p: because exposed"
