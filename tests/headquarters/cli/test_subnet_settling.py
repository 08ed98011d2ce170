"""A contradictory subnet is settled by a word, and the ledger keeps whose."""

from pathlib import Path

import pytest

from codered_hq.hosts.models import Subnet
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.saying import Say

pytestmark = pytest.mark.django_db


def test_two_files_contradict_each_other_until_somebody_says(say: Say, tmp_path: Path) -> None:
    for name, vlan in (("a", 11), ("b", 12)):
        (tmp_path / f"{name}.csv").write_text(f"subnet,vlan\n10.1.0.0/24,{vlan}\n")
        say("hosts", "import", tmp_path / f"{name}.csv")
    gaps = say("hosts", "gaps").out
    assert "or: codered hosts subnet 10.1.0.0/24 --set-" in gaps
    answer = say("hosts", "subnet", "10.1.0.0/24", "--set-vlan", "11")
    told = "subnet 10.1.0.0/24 settled by hand: VLAN 12 -> 11\n"
    assert (answer.code, answer.err) == (0, told)
    assert LedgerEntry.objects.get(kind="marking").what == told.strip()
    assert "conflict: subnet" not in say("hosts", "gaps").out
    say("hosts", "import", tmp_path / "b.csv")
    assert (Subnet.objects.get().vlan, "conflict: subnet" in say("hosts", "gaps").out) == (11, False)


def test_wrong_words_are_one_line(say: Say) -> None:
    say("hosts", "show")
    for words, told in (
        (("10.1.0.0/24",), "nothing to say of it"),
        (("10.1.0.0/24", "--set-vlan", "11"), "is no documented subnet"),
    ):
        answer = say("hosts", "subnet", *words)
        assert (answer.code, told in answer.err, answer.err.count("\n")) == (2, True, 1), answer
    assert not LedgerEntry.objects.exists()
