"""What a source said is told whole: what was taken, what was not, what contradicts itself."""

import os
from pathlib import Path

import msgspec
import pytest

from codered_hq.cli.host_importing import MOST_SAID, ImportOutcome
from codered_hq.hosts.models import Host
from tests.fixtures.saying import Say

pytestmark = pytest.mark.django_db


def test_many_reasons_are_counted_and_all_are_in_json(say: Say, tmp_path: Path) -> None:
    path = tmp_path / "h.csv"
    path.write_text("name,address\nweb,10.0.0.1\n" + "x,nowhere\n" * (MOST_SAID + 5))
    said = say("hosts", "import", "--dry-run", path)
    assert (said.code, "5 more; --json lists all" in said.out, Host.objects.count()) == (3, True, 0)
    outcome = msgspec.json.decode(say("hosts", "import", path, "--json").out, type=ImportOutcome)
    (source,) = outcome.sources
    assert (len(source.skipped), source.counts["hosts"] >= 1, outcome.recorded) == (MOST_SAID + 5, True, True)


def test_contradictions_are_told(say: Say, tmp_path: Path) -> None:
    path = tmp_path / "h.csv"
    path.write_text("name,address,mac\na,10.0.0.1,02:00:00:00:00:01\na,10.0.0.2,02:00:00:00:00:02\n")
    said = say("hosts", "import", path)
    assert "contradiction: " in said.out
    assert "a" in said.out


def test_a_second_word_on_a_subnet_is_told_and_stays_a_gap_until_it_is_corrected(say: Say, tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    words = "subnet,vlan,site,zone,owner\n10.61.0.0/24,{},{},{},o\n"
    first.write_text(words.format(11, "HQ", "inside"))
    second.write_text(words.format(12, "Lab", "outside"))
    assert "changed" not in say("hosts", "import", first).out
    told = say("hosts", "import", second).out
    assert "  changed: 10.61.0.0/24: VLAN 11 -> 12 (was said by csv:" in told
    assert "site HQ -> Lab (was" in told
    gap = next(line for line in say("hosts", "gaps").out.splitlines() if line.startswith("conflict: subnet"))
    assert "zone inside by csv:" in gap
    assert "outside by csv:" in gap
    first.write_text(words.format(12, "Lab", "outside"))
    assert "changed" not in say("hosts", "import", first).out
    assert "conflict: subnet" not in say("hosts", "gaps").out


def test_a_token_is_read_from_its_file(say: Say, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("0123456789abcdef\n")
    answer = say("hosts", "import", "--netbox", "http://127.0.0.1:9", "--token-file", token)
    assert answer.code == 3
    assert "127.0.0.1" in answer.err
    assert "0123456789" not in answer.err


def test_the_work_is_told_and_places_are_checked(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codered_hq.cli.host_importing.MANY_HOSTS", 2)
    (tmp_path / "h.csv").write_text("name,address\na,10.0.0.1\nb,10.0.0.2\n")
    assert "h.csv: recording 2 hosts" in say("hosts", "import", tmp_path / "h.csv").err
    os.mkfifo(tmp_path / "pipe")
    for words in (("export", "json", "-o"), ("import", "--netbox", "http://127.0.0.1:1/", "--token-file")):
        answer = say("hosts", *words, tmp_path / "pipe")
        assert (answer.code, "is no plain file" in answer.err) == (2, True), answer
