import pytest

from codered.cli import evidence_checking, evidencing
from codered.cli.evidence_options import CheckOptions, CollectOptions, ExportOptions, TransferOptions
from tests.fixtures.saying import Say


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What the words hand on."""
    asked: list[object] = []

    def note(*given: object) -> int:
        asked.extend(given)
        return 3

    for name in ("collect", "list_all", "export", "transfer"):
        monkeypatch.setattr(evidencing, name, note)
    monkeypatch.setattr(evidence_checking, "verify", note)
    return asked


def test_collect_is_asked_as_told(say: Say, told: list[object]) -> None:
    words = (
        "--plan", "p", "--report", "r", "-o", "d", "--budget", "1GiB", "--include-secrets", "--by", "anna",
        "--authority", "case", "--tsa", "u", "--key", "k", "--yes", "--json",
    )  # fmt: skip
    assert say("evidence", "collect", *words).code == 3
    assert told == [
        CollectOptions(
            plan="p", report="r", output="d", budget="1GiB", include_secrets=True, by="anna", authority="case", tsa="u",
            key="k", yes=True, as_json=True,
        )
    ]  # fmt: skip


def test_collect_takes_no_secrets_unless_told(say: Say, told: list[object]) -> None:
    say("evidence", "collect")
    assert isinstance(told[0], CollectOptions)
    assert (told[0].include_secrets, told[0].budget, told[0].yes) == (False, "2GiB", False)


def test_the_other_words_are_asked_as_told(say: Say, told: list[object]) -> None:
    say("evidence", "list", "-o", "d", "--json")
    say("evidence", "verify", "c", "--key", "a", "--key", "b", "--head", "h")
    say("evidence", "export", "c", "--zip", "z", "--stix", "s", "--csv", "t", "--plain", "p")
    say("evidence", "transfer", "c", "--to", "bob", "--why", "trial")
    assert told == [
        "d",
        True,
        CheckOptions(container="c", key=("a", "b"), head="h", as_json=False),
        ExportOptions(container="c", zip="z", stix="s", csv="t", plain="p", by="", authority="", key=None),
        TransferOptions(container="c", to="bob", why="trial", by="", authority="", key=None),
    ]


def test_a_transfer_needs_to_whom_and_why(say: Say, told: list[object]) -> None:
    assert say("evidence", "transfer", "c", "--to", "bob").code == 2
    assert say("evidence", "transfer", "c", "--why", "x").code == 2
    assert say("evidence").code == 2
    assert told == []
