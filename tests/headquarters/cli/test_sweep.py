"""`codered sweep` as it is typed, against real servers on the loopback."""

import json
from pathlib import Path

import pytest

from codered_hq.opening import open_headquarters
from tests.fixtures.inventories import document_subnets, make_host
from tests.fixtures.saying import Say
from tests.fixtures.web_answers import DEFACED, pages, serving
from tests.fixtures.web_answers import say as always

pytestmark = pytest.mark.django_db


@pytest.fixture
def permit(tmp_path: Path) -> Path:
    path = tmp_path / "permit.yaml"
    path.write_text(
        "format: codered/authorisation/1\nallowed_by: Ann\nuntil: 2126-01-01\nranges: [127.8.0.0/16]\n"
        "never: [127.8.0.200/29]\nports: [80, 9]\npacks: [codered]\n"
    )
    return path


def test_a_sweep_from_wish_to_coverage(say: Say, permit: Path, tmp_path: Path) -> None:
    document_subnets("127.8.0.0/24", "127.8.7.0/24")
    make_host("shop", "127.8.0.5", owner="web team")
    servers = {
        "127.8.0.5": pages({"/": DEFACED}),
        "127.8.0.6": pages({"/": b"<title>hello</title>"}),
        "127.8.0.7": always(b"SSH-2.0-x\r\n"),
    }
    with serving(servers) as made:
        permit.write_text(permit.read_text().replace("80, 9", str(made.port)))
        words = ("--authorisation", permit, "--ports", made.port, "--rate", "5000")
        planned = say("sweep", "127.8.0.0/24", *words, "--dry-run")
        assert (planned.code, "addresses    248" in planned.out, made.asked) == (0, True, [])
        plan = json.loads(say("sweep", "127.8.0.0/24", *words, "--dry-run", "--json").out)
        assert (plan["format"], plan["addresses"], plan["packs"]) == ("codered/sweep-plan/1", 248, ["codered"])
        answer = say("sweep", "127.8.0.0/24", *words, "-o", tmp_path / "out.json")
    assert answer.code == 1, answer
    assert "INFECTED: 127.8.0.5" in answer.err
    assert "INFECTED  127.8.0.5  shop  web team" in answer.out
    assert "COVERAGE: 248 of 256 addresses were looked at" in answer.out
    assert "8 not authorised (the authorisation excludes it)" in answer.out
    document = json.loads((tmp_path / "out.json").read_text())
    assert [(each["address"], each["state"]) for each in document["found"]] == [("127.8.0.5", "infected")]
    assert document["coverage"]["counts"] == {"answered": 248, "not_authorised": 8}
    uid = document["sweep"]["uid"]
    shown = say("sweep", "--show", uid[:6], "--json")
    assert (shown.code, json.loads(shown.out)["sweep"]["uid"]) == (1, uid)
    listed = say("sweep", "--list")
    assert (listed.code, uid[:8] in listed.out) == (0, True)
    covered = say("sweep", "--coverage", "--json")
    assert (covered.code, json.loads(covered.out)["total"]) == (3, 512)
    assert say("sweep", "--resume", uid[:6]).err.count("is whole") == 1


def test_clean_and_undetermined(say: Say, permit: Path) -> None:
    with serving({"127.8.1.6": pages({}), "127.8.1.7": always(b"HTTP/1.1 200 OK\r\n\r\n")}) as made:
        permit.write_text(permit.read_text().replace("80, 9", str(made.port)))
        words = ("--authorisation", permit, "--ports", made.port, "--rate", "5000")
        assert say("sweep", "127.8.1.6", *words).code == 0
        left_out = say("sweep", "127.8.1.6", "10.0.0.0/30", *words)
        assert (left_out.code, "not asked, not authorised: 10.0.0.0/30" in left_out.err) == (3, True)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("127.8.0.0/24",), 4, "nothing is sent without an authorisation"),
        (("10.0.0.0/24", "--authorisation", "PERMIT"), 4, "nothing of what is to be swept is authorised"),
        (("127.8.0.0/24", "--authorisation", "PERMIT", "--ports", "22"), 4, "port 22 is not authorised"),
        (("127.8.0.0/24", "--authorisation", "PERMIT", "--packs", "nimda"), 4, "pack nimda is not authorised"),
        (("127.8.0.0/24", "--authorisation", "PERMIT", "--ports", "none"), 2, "is no list of ports"),
        (("127.8.0.0/24", "--authorisation", "/nowhere"), 2, "can't be read"),
        (("nonsense", "--authorisation", "PERMIT"), 2, "is no address or range"),
        ((), 2, "nothing to sweep"),
        (("--list", "--coverage"), 2, "different things"),
        (("--list", "10.0.0.0/8"), 2, "takes no subnets"),
        (("--all", "10.0.0.0/8"), 2, "everything already"),
        (("--resume", "zz"), 2, "no such sweep"),
        (("--merge", "/nowhere"), 2, "can't be read"),
        (("--bundle", "127.8.0.0/24", "--authorisation", "PERMIT"), 2, "-o BUNDLE.zip"),
    ],
)
def test_wrong_and_refused(say: Say, permit: Path, words: tuple[str, ...], code: int, told: str) -> None:
    open_headquarters()
    answer = say("sweep", *(str(permit) if word == "PERMIT" else word for word in words))
    assert (answer.code, told in answer.err, answer.err.count("\n")) == (code, True, 1), answer


def test_the_sample_and_an_expired_one(say: Say, permit: Path) -> None:
    sample = say("sweep", "--make-authorisation")
    assert (sample.code, "allowed_by" in sample.out) == (0, True)
    permit.write_text(permit.read_text().replace("2126", "2020"))
    late = say("sweep", "127.8.0.0/24", "--authorisation", permit)
    assert (late.code, "the authorisation ended 2020-01-01" in late.err) == (4, True)
