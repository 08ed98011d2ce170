import os
from collections.abc import Callable
from pathlib import Path

import pytest

from codered.model.errors import RolledBack, WrongUse
from codered.packs.updating.repository import Terms, advance, advance_timestamp, newest_root, read_state, write_state
from tests.fixtures.pack_publisher import DAY, NOW, Host, Publisher


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    made = Publisher(tmp_path / "publisher")
    made.publish("2030.01.1")
    return made


def test_versions_only_go_up_and_whole_seconds_are_signed(publisher: Publisher) -> None:
    state = publisher.state()
    terms = Terms(publisher.signers(), NOW.replace(microsecond=5), 3)
    assert terms.end() == NOW + 3 * DAY
    assert terms.end(90) == NOW + 90 * DAY
    assert advance_timestamp(state, terms).timestamp.signed.version == state.timestamp.signed.version + 1
    after = advance(state, terms, None)
    assert after.targets is state.targets
    assert after.snapshot.signed.version == state.snapshot.signed.version + 1


def test_a_reader_sees_the_old_or_the_new_at_every_step(publisher: Publisher, tmp_path: Path) -> None:
    """A host updates after every rename that a publisher does; it never meets a state that it can't use."""
    seen: list[str] = []
    real = os.replace

    def replace_and_look(one: str, other: str) -> None:
        real(one, other)
        if Path(other).is_relative_to(publisher.repository):
            host = Host(tmp_path / f"host{len(seen)}", publisher)
            host.update()
            seen.append(host.versions()["newworm"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "replace", replace_and_look)
        publisher.publish("2030.01.2")
    assert seen[0] == "2030.01.1"
    assert seen[-1] == "2030.01.2"
    assert sorted(seen) == seen
    assert len(seen) == 5


def test_a_publisher_that_stopped_anywhere_can_go_on(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    for step in range(5):
        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", stop_after(step))
            if step == 4:
                assert publisher.publish("2030.01.2").changed
                break
            with pytest.raises(RolledBack, match="readers see the state before"):
                publisher.publish("2030.01.2")
        assert read_state(publisher.repository).targets.signed.version == 2
    assert publisher.state().targets.signed.version == 3


def stop_after(steps: int) -> Callable[[str, str], None]:
    left, real = [steps], os.replace

    def replace(one: str, other: str) -> None:
        if not left[0]:
            raise OSError(28, "No space left on device")
        left[0] -= 1
        real(one, other)

    return replace


def test_a_damaged_repository_is_said_to_be_one(publisher: Publisher, tmp_path: Path) -> None:
    assert newest_root(tmp_path) == 0
    assert newest_root(publisher.repository) == 1
    with pytest.raises(WrongUse, match="is no repository"):
        read_state(tmp_path)
    path = publisher.file("targets")
    good = path.read_bytes()
    for bad in (b"", b"{", good.replace(b"2030", b"2031"), publisher.file("snapshot").read_bytes()):
        path.write_bytes(bad)
        with pytest.raises(WrongUse, match=r"damaged|other metadata|no such|can't be read"):
            read_state(publisher.repository)
    path.unlink()
    with pytest.raises(WrongUse):
        read_state(publisher.repository)
    path.write_bytes(good)
    write_state(publisher.repository, read_state(publisher.repository), {})
