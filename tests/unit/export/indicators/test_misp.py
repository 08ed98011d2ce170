import json
from importlib.resources import files

from pymisp import MISPEvent

from codered.export.indicators.misp import make_misp
from tests.fixtures.asked_requests import shipped
from tests.fixtures.exported_packs import make_log, with_signs

TYPES = json.loads((files("pymisp") / "data" / "describeTypes.json").read_text())["result"]["category_type_mappings"]


def read_events() -> dict[str, MISPEvent]:
    events = {}
    for file in make_misp(shipped()).files:
        events[file.name] = MISPEvent()
        events[file.name].from_json(file.data.decode())
    return events


def test_every_event_is_read_and_its_types_exist() -> None:
    events = read_events()
    assert len(events) == len(shipped())
    for event in events.values():
        assert all(attribute.type in TYPES[attribute.category] for attribute in event.attributes)
        assert len({attribute.uuid for attribute in event.attributes}) == len(event.attributes)
        assert event.tags[0].name == "tlp:clear"
    assert make_misp(shipped()) == make_misp(shipped())


def test_an_event_says_what_the_pack_says() -> None:
    event = read_events()["codered2.json"]
    said = {(attribute.type, attribute.value) for attribute in event.attributes}
    assert ("vulnerability", "CVE-2001-0500") in said
    assert ("pattern-in-traffic", r"(?i)/default\.ida\?X{200,}") in said
    assert ("mutex", "CodeRedII") in said
    assert ("filename", r"C:\explorer.exe") in said
    assert any(kind == "yara" and "codered2_body" in value for kind, value in said)
    assert any(kind == "regkey|value" and value.endswith("SFCDisable|0xffffff9d") for kind, value in said)
    assert 'misp-galaxy:mitre-attack-pattern="Exploit Public-Facing Application - T1190"' in {
        t.name for t in event.tags
    }
    detecting = {attribute.type for attribute in event.attributes if attribute.to_ids}
    assert detecting <= {"yara", "mutex", "sha256"}


def test_what_has_no_type_is_named() -> None:
    made = make_misp((with_signs(make_log(part="error"), make_log("agent", part="agent", pattern="^x$")),))
    assert [left.sign for left in made.left_out] == ["inert/request"]
    assert b"User-Agent: (?i)^x$" in made.files[0].data
    left = {one.sign for one in make_misp(shipped()).left_out}
    assert left >= {"codered2/metabase-c", "sysrv/miner-process", "kinsing/cron-loader"}
