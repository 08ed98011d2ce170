from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from codered.model.countermeasures import Probe
from codered.model.errors import WrongUse
from codered.packs.loading import find_shipped_packs, load_pack, load_packs
from codered.scan import own_sweeps
from codered.scan.own_sweeps import list_sweep_requests
from tests.fixtures.small_packs import make_pack

ASKS: dict[str, Any] = {"method": "GET", "path": "/worm.php", "protocol": "http", "ports": (80,)}
PROBE = Probe(id="p", answers=(), references=(), **ASKS)


def test_shipped_probes_count_and_those_of_other_packs_do_not() -> None:
    foreign = make_pack("foreign")
    foreign = replace(foreign, folder="/srv/foreign", pack=replace(foreign.pack, probes=(PROBE,)))
    known = load_pack(find_shipped_packs() / "codered2")
    asked = list_sweep_requests((foreign, known))
    assert "HEAD /scripts/root.exe" in asked
    assert "GET /worm.php" not in asked
    assert asked == list_sweep_requests(load_packs(find_shipped_packs()))


def test_a_pack_that_has_the_name_of_a_shipped_one_is_not_it(tmp_path: Path) -> None:
    there = load_packs(find_shipped_packs())
    copy = replace(there[0], folder=str(tmp_path / there[0].pack.name), pack=replace(there[0].pack, probes=(PROBE,)))
    assert "GET /worm.php" not in list_sweep_requests((copy, *there[1:]))


def test_shipped_packs_that_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    there = load_packs(find_shipped_packs())
    monkeypatch.setattr(own_sweeps, "load_pack", lambda folder: pytest.fail(str(folder)))
    assert list_sweep_requests(there)


def test_without_shipped_packs_nothing_is_a_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Path:
        raise WrongUse("the threat packs are not there")

    monkeypatch.setattr(own_sweeps, "find_shipped_packs", fail)
    assert list_sweep_requests(()) == frozenset()
