"""The tool tried on its packs' inert examples; each trial must be able to fail."""

import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from codered.model.errors import NotRolledBack
from codered.model.pack import LoadedPack
from codered.model.ruleset import RuleSet
from codered.packs.compiling import compile_packs
from codered.packs.examples import Example
from codered.packs.loading import find_shipped_packs, load_packs
from codered.self_check import trying
from codered.self_check.trying import TRIED, try_examples, try_memory, try_packs, try_removal


@dataclass(frozen=True)
class Tried:
    packs: tuple[LoadedPack, ...]
    rules: RuleSet
    blind: RuleSet

    def example(self, pack: str, name: str) -> Example:
        loaded = next(each for each in self.packs if each.pack.name == pack)
        return Example(name, "hit", "tree", Path(loaded.folder) / "examples" / name)


@pytest.fixture(scope="module")
def tried() -> Tried:
    packs = load_packs(find_shipped_packs(), TRIED)
    other = load_packs(find_shipped_packs(), ("thinkphp",))
    return Tried(packs, compile_packs(packs, None), compile_packs(other, None))


def test_all_trials_are_good(tried: Tried) -> None:
    checks = tuple(try_packs(tried.packs))
    assert [(check.subject, check.state) for check in checks] == [
        ("examples", "good"),
        ("memory", "good"),
        ("removal and undo", "good"),
    ]
    assert checks[0].told.endswith("inert examples of codered2 and kinsing are judged as they must be")


def test_an_engine_that_is_blind_is_wrong(tried: Tried) -> None:
    assert try_examples(tried.packs[:1], tried.blind).state == "wrong"
    assert try_memory(tried.example("kinsing", "hit/worm.memory.yaml"), _blind_memory(tried)).state == "wrong"
    assert try_removal(tried.example("codered2", "hit/volumes.tree.yaml"), tried.blind).state == "wrong"


def _blind_memory(tried: Tried) -> RuleSet:
    """Rules of a pack whose signs are not in the child."""
    return compile_packs(tuple(each for each in tried.packs if each.pack.name == "codered2"), None)


def test_a_removal_that_leaves_something_is_wrong(tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "_remove", lambda *_: (5, 1))
    found = try_removal(tried.example("codered2", "hit/volumes.tree.yaml"), tried.rules)
    assert (found.state, found.told) == ("wrong", "5 things were removed, and 1 are left")


def test_a_rollback_that_forgets_a_byte_is_wrong(tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    def harm(volume: Path, *_: object) -> tuple[int, int]:
        victim = next(path for path in sorted(volume.rglob("*")) if path.is_file())
        victim.write_bytes(victim.read_bytes() + b"x")
        return 6, 0

    monkeypatch.setattr(trying, "_remove", harm)
    found = try_removal(tried.example("codered2", "hit/volumes.tree.yaml"), tried.rules)
    assert (found.state, found.told) == ("wrong", "the rollback did not bring back every byte")


def test_a_removal_that_fails_is_told(tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> tuple[int, int]:
        raise NotRolledBack("no room", where="C")

    monkeypatch.setattr(trying, "_remove", fail)
    found = try_removal(tried.example("codered2", "hit/volumes.tree.yaml"), tried.rules)
    assert (found.state, found.told) == ("wrong", "it failed: C: no room")


def test_without_its_packs_nothing_is_tried(tried: Tried) -> None:
    (found,) = try_packs(tried.packs[:1])
    assert (found.subject, found.state) == ("examples", "unchecked")


def test_windows_says_what_is_not_tried(tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert {check.state for check in try_packs(tried.packs)} == {"absent"}


def test_a_tree_is_told_by_every_byte_mode_and_time(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"1")
    digests = {trying._digest_tree(tmp_path)}
    file.chmod(0o600)
    digests.add(trying._digest_tree(tmp_path))
    file.write_bytes(b"2")
    digests.add(trying._digest_tree(tmp_path))
    (tmp_path / "folder").mkdir()
    digests.add(trying._digest_tree(tmp_path))
    assert len(digests) == 4


def test_rules_are_compiled_without_a_cache(tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def note(packs: tuple[LoadedPack, ...], cache: Path | None) -> RuleSet:
        asked.append(cache)
        return msgspec.structs.replace(tried.rules)

    monkeypatch.setattr(trying, "compile_packs", note)
    monkeypatch.setattr(sys, "platform", "win32")  # nothing is tried with them then
    next(iter(try_packs(tried.packs)))
    assert asked == [None]
