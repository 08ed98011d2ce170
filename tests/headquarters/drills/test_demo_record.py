"""The demonstration's record is read strictly: a word that nobody knows, or what does not fit together, is refused."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from codered.model.errors import WrongUse
from codered_hq.drills.demo_record import MOST_BYTES, read_demo_record, read_shipped_record
from tests.fixtures.demo_records import cut_record, write_as_json

Change = Callable[[dict[str, Any]], object]


def find_deed(said: dict[str, Any], do: str) -> dict[str, Any]:
    """The first of this sort."""
    return next(deed for deed in said["deeds"] if deed["do"] == do)


def test_the_shipped_one_tells_an_enterprise_and_one_yes_is_missing() -> None:
    record = read_shipped_record()
    assert len(record.hosts) > 290
    assert record.stands == 41
    assert (record.waits.host, record.waits.who) == ("iis-nimda", "Bruno")
    assert {"laptop", "iis-defaced", "iis-backdoor"} == set(record.states.contained)
    assert {"plant-hmi"} == set(record.states.refused)
    assert {"iis-nimda"} == set(record.states.awaiting)
    assert {one.host for one in record.findings} == set(record.states.infected)
    assert all(deed.minute <= record.stands for deed in record.deeds)
    assert min(one.minute for one in record.later) > record.stands
    assert record.find_subnet("10.66.0.170") is not None
    assert record.find_subnet("192.0.2.1") is None


def test_nothing_of_the_machine_that_played_it_is_in_it() -> None:
    text = msgspec.json.encode(read_shipped_record()).decode()
    for word in ("/work/", "/tmp/w", "LAB/", "2026-", "T10:"):
        assert word not in text


def test_what_was_cut_down_is_one_as_well() -> None:
    record = cut_record()
    named = {name: tuple(one for one in names if not one.startswith("farm"))
             for name, names in write_as_json(record)["states"].items()}  # fmt: skip
    assert read_demo_record(msgspec.json.encode(write_as_json(record) | {"states": named})).hosts == record.hosts


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda said: said.update(owner="me"), "unknown field `owner`"),
        (lambda said: said["hosts"][0].update(colour="red"), "unknown field `colour`"),
        (lambda said: said["deeds"][0].update(do="destroy"), "Invalid enum value 'destroy'"),
        (lambda said: said.update(format="codered/demo-record/9"), "Invalid enum value"),
        (lambda said: said["deeds"][0].update(minute=-1), "Expected `int` >= 0"),
        (lambda said: said["hosts"][0].update(name="x" * 200), "length <= 120"),
        (lambda said: said["hosts"].append(said["hosts"][0]), "two hosts have one name or one address"),
        (lambda said: said["hosts"][0].update(address="192.0.2.1"), "192.0.2.1 is in none of its subnets"),
        (lambda said: said["hosts"][0].update(address="here"), "Expected 4 octets in 'here'"),
        (lambda said: said["hosts"][0].update(seen="web", reason=400), "a reason that is not there"),
        (lambda said: said["hosts"][0].update(switch="sw9"), "sw9 is none of its switches"),
        (lambda said: said["waits"].update(host="nobody"), "nobody is none of its hosts"),
        (lambda said: said["findings"][0].update(host="nobody"), "nobody is none of its hosts"),
        (lambda said: said["zones"][1].update(scan_point="nowhere"), "nowhere is none of its hosts"),
        (lambda said: find_deed(said, "scan")["more"].update(nobody="clean"), "nobody is none of its hosts"),
        (lambda said: find_deed(said, "evidence").update(host=""), "nothing is none of its hosts"),
        (lambda said: said["waits"].update(who="Mallory"), "Mallory is none of its people"),
        (lambda said: find_deed(said, "contain").update(who="headquarters"), "headquarters is none of its people"),
        (lambda said: said["people"][1].update(by="Mallory"), "Mallory is none of its people"),
        (lambda said: said["people"][0].update(name="../Cora"), "matching regex"),
        (lambda said: said["people"].pop(0), "none of its people"),
        (lambda said: said["people"][2].update(backup=True), "nobody is its executive"),
        (lambda said: said["subnets"][0].update(range="10.0.0.0/8"), "10.0.0.0/8 has more than 4,096 addresses"),
        (lambda said: said["subnets"][-1].update(documented=True), "fd61:62::/64 has more than 4,096 addresses"),
        (lambda said: said["deeds"][4]["more"].update(range="fd61:62::/64"), "fd61:62::/64 has more than 4,096"),
        (lambda said: said["deeds"][4]["more"].update(range="fd61:62::1/124"), "has host bits set"),
        (lambda said: said["hosts"][0].update(address="fd61:62::99"), "Expected 4 octets in 'fd61:62::99'"),
        (lambda said: said["deeds"].pop(0), "an incident is to be declared, once"),
        (lambda said: said["deeds"].insert(0, said["deeds"][0]), "an incident is to be declared, once"),
        (lambda said: said["deeds"][0]["more"].pop("pack"), "declare in minute 12 lacks its pack"),
        (lambda said: find_deed(said, "finish")["more"].clear(), "finish in minute 41 lacks its task"),
        (lambda said: said["deeds"].remove(find_deed(said, "contain")), "a yes to cutting off laptop, which nobody"),
        (lambda said: said["waits"].update(host="iis-unpatched"), "nobody asked to cut off iis-unpatched"),
    ],
)
def test_what_does_not_fit_is_refused(change: Change, what: str) -> None:
    said = write_as_json(cut_record())
    change(said)
    with pytest.raises(WrongUse, match=what):
        read_demo_record(msgspec.json.encode(said))


@pytest.mark.parametrize("raw", [b"{", b"\xff", b"[" * 2000, b" " * (MOST_BYTES + 1)])
def test_what_is_no_record_is_refused(raw: bytes) -> None:
    with pytest.raises(WrongUse, match=r"is no record of a demonstration|more than"):
        read_demo_record(raw)
