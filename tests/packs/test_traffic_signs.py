"""The traffic signs of the shipped packs: each is proven by an example, and few of them convict."""

from pathlib import Path

import pytest

from codered.detect.payloads import PayloadJudge
from codered.model.pack import LoadedPack
from codered.model.ruleset import RuleSet
from codered.model.traffic import Sent
from codered.packs.compiling import compile_packs
from codered.packs.example_traffic import read_traffic
from codered.packs.examples import list_examples, read_expected
from codered.packs.loading import find_packs_folder, load_packs

PACKS = load_packs(find_packs_folder())
SENDING = tuple(loaded for loaded in PACKS if loaded.pack.traffic)


@pytest.fixture(scope="module")
def rules(rule_cache: Path) -> RuleSet:
    return compile_packs(PACKS, rule_cache)


@pytest.mark.parametrize("loaded", SENDING, ids=lambda loaded: loaded.pack.name)
def test_each_traffic_sign_is_proven_by_an_example_and_has_clean_ones(loaded: LoadedPack) -> None:
    expected = {item.indicator for items in read_expected(loaded).values() for item in items if item.layer == "traffic"}
    assert {sign.id for sign in loaded.pack.traffic} == expected
    kinds = {example.kind for example in list_examples(loaded) if example.form == "traffic"}
    assert kinds == {"hit", "clean"}


def test_only_the_requests_that_nothing_else_sends_convict(rules: RuleSet) -> None:
    convicting: set[str] = set()
    for loaded in SENDING:
        for example in list_examples(loaded):
            for sent in read_traffic(example.path) if example.form == "traffic" else ():
                request = PayloadJudge(rules).judge(sent)
                if request is not None and request.convicts:
                    convicting.update(request.signs)
    assert convicting == {"codered/ida-n-sent", "codered2/ida-x-sent"}


def test_examples_are_inert(rules: RuleSet) -> None:
    for loaded in SENDING:
        for example in list_examples(loaded):
            if example.form == "traffic":
                text = Path(example.path).read_bytes()
                assert b"%u" not in text, "no code behind the letters"
                assert b"\\x" not in text


def test_ordinary_requests_to_every_port_show_nothing(rules: RuleSet) -> None:
    lines = (b"GET / HTTP/1.1", b"GET /index.html?lang=en HTTP/1.0", b"POST /api/login HTTP/1.1", b"EHLO example.com")
    host = b"\r\nHost: www.example.com\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n"
    judge = PayloadJudge(rules)
    for port in (25, 80, 443, 6379, 8080, 60001):
        for number, line in enumerate(lines):
            assert judge.judge(Sent(1.0, b"a", b"a", bytes([number]), port, line + host)) is None
