import contextlib
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codered.model.errors import Refused, RolledBack, WrongUse
from codered.packs.loading import load_pack, read_files
from codered.packs.updating.archives import write_archive
from codered.packs.updating.composing import Composition, compose_set
from codered.packs.updating.current import read_current
from codered.packs.updating.index import Index, IndexedPack, write_index
from codered.packs.updating.installing import (
    go_back,
    install_set,
    list_sets,
    read_current_leniently,
    read_pointer_leniently,
)
from tests.fixtures.pack_publisher import NOW, Host, Publisher, digest_tree, find_nothing, write_pack

STEPS = ("open", "fsync", "rename", "replace", "mkdir", "unlink", "rmdir")
"""What changes a disk: the test stops at each of these calls."""


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path / "host")


def compose(host: Host, version: str) -> Composition:
    write_pack(host.shipped, "oldworm", version)
    return compose_set((), None, (), host.shipped)


def install(host: Host, version: str) -> None:
    install_set(host.home, compose(host, version), find_nothing, NOW)


def test_the_last_three_stay_and_back_goes_through_them(host: Host) -> None:
    for number in range(1, 6):
        install(host, f"2030.01.{number}")
    assert [name.split("-")[0] for name in list_sets(host.home)] == ["3", "4", "5"]
    assert sorted(os.listdir(host.home / "sets")) == sorted(list_sets(host.home))
    assert host.versions() == {"oldworm": "2030.01.5"}
    shutil.rmtree(host.home / "sets" / list_sets(host.home)[1] / "packs" / "oldworm")
    gone = read_current(host.home)
    back = go_back(host.home)  # the one before is broken: past it
    assert gone
    assert back
    assert back.record.number == 3
    assert read_pointer_leniently(host.home).left == gone.record.digest
    assert go_back(host.home) is None
    assert read_current(host.home) is None
    with pytest.raises(Refused, match="no installed packs"):
        go_back(host.home)
    install(host, "2030.01.6")
    assert host.versions() == {"oldworm": "2030.01.6"}


def test_back_leaves_a_broken_set_too(host: Host) -> None:
    install(host, "2030.01.1")
    (host.home / "sets" / list_sets(host.home)[0] / "set.json").write_bytes(b"{")
    assert read_current_leniently(host.home) is None
    assert go_back(host.home) is None
    assert read_current(host.home) is None
    (host.home / "current").write_bytes(b"?")
    assert read_pointer_leniently(host.home).set == ""


def test_packs_that_are_not_good_are_not_switched_to(host: Host) -> None:
    install(host, "2030.01.1")
    before = digest_tree(host.home)
    asked: list[tuple[str, ...]] = []

    def judge(folder: Path, new: tuple[str, ...]) -> tuple[str, ...]:
        asked.append(new)
        return (f"{folder}/oldworm/pack.yaml:1: bad", "b", "c", "d", "e")

    with pytest.raises(Refused, match=r"not good: oldworm/pack.yaml:1: bad; b; c; and 2 more") as caught:
        install_set(host.home, compose(host, "2030.01.2"), judge, NOW)
    assert "packs in use stay" in str(caught.value)
    assert asked == [()]

    def fail(*_: object) -> tuple[str, ...]:
        raise WrongUse("can't be read", where="x")

    with pytest.raises(Refused, match="x: can't be read"):
        install_set(host.home, compose(host, "2030.01.2"), fail, NOW)
    assert digest_tree(host.home) == before


def test_a_pack_must_be_what_its_source_said(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path / "publisher")
    publisher.publish("2030.01.1")
    other = Host(tmp_path / "other", publisher)
    folder = write_pack(publisher.work, "newworm", "2030.01.2")
    entry = IndexedPack(name="newworm", version="2030.01.9", digest=load_pack(folder).digest, target="newworm.tar.zst")
    publisher.publish_index(write_index(Index(packs=(entry,))), newworm=write_archive(read_files(folder)))
    with pytest.raises(Refused, match=r"newworm: is not version 2030.01.9, as its source says"):
        other.update()
    assert other.current() is None


def test_no_space_leaves_the_set_in_use(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    install(host, "2030.01.1")
    before = digest_tree(host.home)
    composition = compose(host, "2030.01.2")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(RolledBack, match="No space left"):
            install_set(host.home, composition, find_nothing, NOW)
    assert digest_tree(host.home) == before
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)  # at the very switch
        with pytest.raises(RolledBack, match="No space left"):
            install_set(host.home, composition, find_nothing, NOW)
        with pytest.raises(RolledBack, match="No space left"):
            go_back(host.home)
    assert host.versions() == {"oldworm": "2030.01.1"}


def test_killed_at_any_step_the_old_set_or_the_new_one_is_in_use(host: Host) -> None:
    """A child that kills itself at its first, second, third … call that changes the disk, until none is left."""
    for number in range(1, 4):
        install(host, f"2030.01.{number}")
    composition = compose(host, "2030.02.1")
    seen: list[str] = []
    for step in range(1000):
        child = os.fork()
        if not child:
            _install_until(step, host, composition)
        _, status = os.waitpid(child, 0)
        seen.append(host.versions()["oldworm"])  # read_current refuses what is not whole
        assert seen[-1] in ("2030.01.3", "2030.02.1")
        if not os.WIFSIGNALED(status):
            assert os.waitstatus_to_exitcode(status) == 0
            break
    assert len(seen) > 20, "the steps were not counted"
    assert "2030.01.3" in seen
    assert seen[-1] == "2030.02.1"
    assert not [name for name in os.listdir(host.home / "sets") if name.startswith(".")]
    assert len(list_sets(host.home)) == 3


def _install_until(step: int, host: Host, composition: Composition) -> None:
    """In the child: install, and die by SIGKILL at the call `step`."""
    left = [step]

    def dying(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:  # noqa: ANN401
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            return real(*given, **named)

        return call

    for name in STEPS:
        setattr(os, name, dying(getattr(os, name)))
    code = 1
    with contextlib.suppress(BaseException):
        install_set(host.home, composition, find_nothing, NOW)
        code = 0
    os._exit(code)
