from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from codered.model.firewall import FirewallOrder, FirewallState
from codered.model.paths import FilePath
from codered.model.plan import (
    Action,
    Edit,
    FileState,
    LeftAlone,
    LinksState,
    LinkState,
    PackageState,
    Plan,
    ProcessState,
    RegistryPlace,
    Source,
    ValueState,
    digest_plan,
    seal_plan,
)
from codered.model.target import TargetInfo, Volume

ACTION = Action(
    id="1",
    kind="quarantine_file",
    path=FilePath("/a\\xff", b"/a\xff"),
    expects=FileState(exists=True, sha256="0" * 64, size=3, mode=0o644, uid=1, gid=2, mtime_ns=3),
    because="b",
    source=Source(path=FilePath("/s"), sha256="1" * 64),
)
PLAN = Plan(
    id="p",
    tool="codered 0",
    created=datetime(2026, 1, 1, tzinfo=UTC),
    report_id="r",
    target=TargetInfo(kind="offline_root", root="/mnt"),
    packs=("codered",),
    actions=(ACTION,),
)


def test_a_sealed_plan_survives_json_with_its_digest() -> None:
    sealed = seal_plan(PLAN)
    again = msgspec.json.decode(msgspec.json.encode(sealed), type=Plan)
    assert again == sealed
    assert digest_plan(again) == sealed.digest
    assert sealed.digest.startswith("sha256:")
    assert len(sealed.digest) == 7 + 64


def test_sealing_twice_changes_nothing() -> None:
    assert seal_plan(seal_plan(PLAN)) == seal_plan(PLAN)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "q"},
        {"tool": "codered 1"},
        {"created": datetime(2026, 1, 2, tzinfo=UTC)},
        {"report_id": "s"},
        {"target": TargetInfo(kind="offline_root", root="/mnt", volumes=(Volume("", "C"),))},
        {"packs": ()},
        {"actions": ()},
        {"actions": (ACTION, ACTION)},
        {"left_alone": (LeftAlone(what="w", because="b"),)},
        {"advice": ("a",)},
    ],
)
def test_the_digest_is_over_every_field_of_the_plan(change: dict[str, Any]) -> None:
    assert digest_plan(replace(PLAN, **change)) != digest_plan(PLAN)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "2"},
        {"kind": "delete_file"},
        {"path": FilePath("/a\\xff", b"/a\xfe")},
        {"path": FilePath("/a\\xff")},
        {"because": "c"},
        {"findings": ("f",)},
        {"pack": "p"},
        {"shown": "C:\\a"},
        {"undoable": False},
        {"source": None},
        {"source": Source(path=FilePath("/s"), sha256="2" * 64)},
        {"expects": FileState(exists=False)},
        {"expects": ProcessState(pid=1, start=2, boot="b", state="running")},
        {"edit": Edit(outcome=FileState(exists=True), mode=0o755)},
        {"becomes": LinksState(links=(LinkState(path=FilePath("/l")),))},
        {"upgrade": PackageState(manager="dpkg", name="p", architecture="all", version="1")},
        {"firewall": FirewallOrder(confirm_within=60.0)},
        {"expects": FirewallState(name="codered-1")},
        {"registry": RegistryPlace(hive="HKLM\\SYSTEM", key="Select", value="Current")},
        {"sets": ValueState(exists=True, type=4, data=b"\1\0\0\0")},
        {"replays": "1" * 64},
        {"expects": replace(ACTION.file_state(), mtime_ns=4)},
        {"expects": replace(ACTION.file_state(), sha256="1" * 64)},
    ],
)
def test_the_digest_is_over_every_field_of_an_action(change: dict[str, Any]) -> None:
    assert digest_plan(replace(PLAN, actions=(replace(ACTION, **change),))) != digest_plan(PLAN)


def test_all_fields_were_tried() -> None:
    """A new field must be added above, or it could be changed after the approval unseen."""
    assert set(Action.__struct_fields__) == {
        "id", "kind", "path", "expects", "because", "findings", "pack", "shown", "undoable", "source",
        "edit", "becomes", "upgrade", "firewall", "registry", "sets", "replays",
    }  # fmt: skip
    assert set(Plan.__struct_fields__) - {"digest", "sealed_as"} == {
        "id", "tool", "created", "report_id", "target", "packs", "actions", "left_alone", "advice",
    }  # fmt: skip


def test_the_digest_does_not_hang_on_an_earlier_digest() -> None:
    assert digest_plan(replace(PLAN, digest="sha256:forged")) == digest_plan(PLAN)


@pytest.mark.parametrize("text", ["codered/plan/2", "codered/report/1"])
def test_a_plan_of_another_format_is_refused(text: str) -> None:
    document = msgspec.json.encode(PLAN).replace(b"codered/plan/1", text.encode())
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(document, type=Plan)


def test_an_unknown_kind_of_action_is_refused() -> None:
    document = msgspec.json.encode(PLAN).replace(b"quarantine_file", b"run_command")
    with pytest.raises(msgspec.ValidationError, match="kind"):
        msgspec.json.decode(document, type=Plan)
