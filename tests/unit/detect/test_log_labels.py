import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.detect import log_labels
from codered.detect.log_labels import Labeller
from codered.model.observation import LogHit
from tests.fixtures.log_rules import CODERED, PACKS, make_rules

RULES = make_rules(*PACKS)
LABELS = Labeller(RULES)


def label(request: str = "", error: str = "", agent: str = "", referer: str = "") -> tuple[str, ...]:
    hit = LogHit(address="a", time=None, request=request, status="404", error=error, agent=agent, referer=referer)
    return LABELS.label(hit)


def test_signs_of_all_packs() -> None:
    assert label("GET /default.ida?" + "N" * 224 + "%u9090") == ("codered/ida-n",)
    assert label("GET /scripts/root.exe?/c+dir") == ("codered2/root-exe", "nimda/root-exe")
    assert label("GET /default.ida-year.gif") == ()
    assert label("") == ()


@pytest.mark.parametrize("dots", ["../", "..%2f", "%2e%2e/", "..%252f", "%252e%252e%252f"])
def test_encodings_are_seen_through_up_to_twice(dots: str) -> None:
    assert label(f"GET /scripts/{dots}winnt/system32/cmd.exe") == ("nimda/traversal",)


def test_three_times_is_not_what_a_server_would_decode() -> None:
    assert label("GET /scripts/..%25252fwinnt/system32/cmd.exe") == ()


def test_each_part_is_matched_by_its_own_patterns_only() -> None:
    assert label("GET /", error="File does not exist: /var/www/default.ida") == ("codered/ida-error",)
    assert label("GET /default.ida") == ()
    assert label("GET /", agent="wormbot", referer="http://wormsite/") == ("other/agent", "other/referer")
    assert label("GET /wormbot", agent="wormsite") == ()


def test_a_shared_sign_does_not_stop_the_look_behind_an_encoding() -> None:
    signs = label("GET /root.exe/..%2fwinnt/system32/cmd.exe")
    assert signs == ("codered2/root-exe", "nimda/root-exe", "nimda/traversal")


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_labels, "MOST_REMEMBERED", 10)
    labels = Labeller(make_rules(CODERED))
    for number in range(100):
        labels.label(LogHit(address="a", time=None, request=f"GET /{number}", status=""))
        assert len(labels._remembered) <= 10


@given(st.binary(max_size=200))
def test_no_request_raises(request: bytes) -> None:
    label(request.decode("latin-1"), error=request.decode("latin-1"))
