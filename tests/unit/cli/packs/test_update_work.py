import shutil
from pathlib import Path

import msgspec
import pytest

from tests.fixtures.pack_desk import NEW, SHIPPED, PackDesk
from tests.fixtures.saying import Say


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PackDesk:
    return PackDesk(tmp_path, monkeypatch)


@pytest.fixture
def published(desk: PackDesk, say: Say) -> PackDesk:
    assert say("packs", "publish", "init", *desk.publisher()).code == 0
    assert say("packs", "publish", desk.work / NEW, *desk.publisher()).code == 0
    assert say("packs", "sources", "add", "lab", desk.repository, "--root", desk.root).code == 0
    return desk


def list_names(say: Say) -> dict[str, str]:
    answer = say("packs", "list", "--json")
    return {row["name"]: row["version"] for row in msgspec.json.decode(answer.out)}


def test_an_update_is_looked_for_tried_used_and_gone_back_from(published: PackDesk, say: Say) -> None:
    assert set(list_names(say)) == {SHIPPED}
    looked = say("packs", "update", "--check")
    assert (looked.code, looked.out) == (1, f"{NEW}: new -> 2026.11.1 (lab)\n")
    done = say("packs", "update", "--json")
    assert done.code == 0, done.err
    told = msgspec.json.decode(done.out)
    assert (told["state"], told["versions"]) == ("new", {"lab": 2})
    assert f"set {told['set']} was tried and is in use" in done.err
    assert set(list_names(say)) == {SHIPPED, NEW}
    assert say("packs", "update", "lab", "--check").code == 0
    assert "up to date" in say("packs", "update").err
    assert say("packs", "update", "--back", "--check").code == 2
    assert "shipped with the tool" in say("packs", "update", "--back").err
    assert set(list_names(say)) == {SHIPPED}
    held = say("packs", "update")
    assert "--again" in held.err
    assert set(list_names(say)) == {SHIPPED}
    assert say("packs", "update", "--again").code == 0
    assert set(list_names(say)) == {SHIPPED, NEW}
    assert "is not called" not in say("packs", "show", NEW).err


def test_a_broken_or_older_set_gives_way_to_the_shipped_packs_and_a_warning_says_so(
    published: PackDesk, say: Say
) -> None:
    assert say("packs", "update").code == 0
    sets = published.state / "packs" / "sets"
    (only,) = sets.iterdir()
    file = only / "packs" / NEW / "pack.yaml"
    good = file.read_bytes()
    file.write_bytes(good + b"\n")
    answer = say("packs", "list")
    assert answer.code == 0
    assert NEW not in answer.out
    assert "the packs shipped with the tool are used" in answer.err
    assert "damaged" in answer.err
    file.write_bytes(good)
    assert say("packs", "list").err == ""
    published.set_version("2027.01.1", name=SHIPPED)  # the tool was upgraded
    answer = say("packs", "list")
    assert f"{SHIPPED} is newer there than installed" in answer.err
    assert NEW not in answer.out
    assert say("packs", "update").code == 0
    assert list_names(say) == {SHIPPED: "2027.01.1", NEW: "2026.11.1"}
    shutil.rmtree(published.state / "packs" / "sets")
    assert set(list_names(say)) == {SHIPPED}


def test_packs_that_fail_their_own_examples_are_not_used(published: PackDesk, say: Say) -> None:
    from datetime import UTC, datetime

    from codered.packs.updating.publishing import PublishOrder, publish_packs

    published.set_version("2026.11.2")
    expected = published.work / NEW / "expected.json"
    expected.write_text(expected.read_text().replace('"count": ', '"count": 9', 1))
    order = PublishOrder(repository=published.repository, keys=(published.keys,), now=datetime.now(UTC))
    publish_packs(order, (published.work / NEW,), (), lambda _: ())  # a publisher who does not look
    answer = say("packs", "update")
    assert answer.code == 4
    assert "the new packs are not good" in answer.err
    assert "the packs in use stay" in answer.err
    assert set(list_names(say)) == {SHIPPED}


def test_without_a_source_nothing_is_contacted(desk: PackDesk, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = say("packs", "update")
    assert answer.code == 2
    assert "no source of packs is configured" in answer.err
    assert "no update was ever installed" in say("packs", "update", "--back").err
    monkeypatch.setenv("CODERED_PACKS", str(desk.shipped))
    assert set(list_names(say)) == {SHIPPED}
