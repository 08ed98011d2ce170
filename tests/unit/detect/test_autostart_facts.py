from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from codered.detect.autostart_facts import FactFinder, narrow_to_line, split_lines
from codered.model.heuristics import Heuristics
from codered.model.paths import FilePath
from codered.model.persistence import Autostart

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HEURISTICS = Heuristics(lists={"autostart-temp-places": ("/tmp/",), "autostart-known-hidden": (".local",)})
ENTRY = Autostart(kind="cron", path=FilePath("/etc/cron.d/x"), changed=NOW - timedelta(days=3), origin="package")


def facts(installed: datetime | None = None, **fields: object) -> frozenset[str]:
    return FactFinder(HEURISTICS, installed, NOW).find(replace(ENTRY, **fields))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"changed": None}, set()),
        ({"changed": NOW - timedelta(days=31)}, set()),
        ({}, {"recent"}),
        ({"changed": NOW + timedelta(days=900)}, {"recent"}),
        ({"origin": "foreign"}, {"recent", "unowned"}),
        ({"origin": "changed"}, {"recent", "package-changed"}),
        ({"origin": "conffile"}, {"recent", "conffile-changed"}),
        ({"origin": "unknown"}, {"recent"}),
        ({"runs": ("/usr/bin/x", "/tmp/x")}, {"recent", "command-in-temp"}),
        ({"runs": ("/tmpx/x",), "command": "/tmpx/x /tmp/y"}, {"recent", "names-temp"}),
        ({"runs": ("/opt/.x/y",)}, {"recent", "hidden-path"}),
        ({"runs": ("~/.x",)}, {"recent", "hidden-path"}),
        ({"runs": ("~/.local/bin/x", "../x", "/a/.../b", "/a/./b")}, {"recent"}),
        ({"path": FilePath("/etc/cron.d/.x")}, {"recent", "hidden-entry"}),
        ({"path": FilePath("/home/ann/.bashrc"), "kind": "profile"}, {"recent"}),
        ({"facts": frozenset(("does-not-parse",))}, {"recent", "does-not-parse"}),
    ],
)
def test_the_facts_of_an_entry(fields: dict[str, object], expected: set[str]) -> None:
    assert facts(None, **fields) == expected


@pytest.mark.parametrize(
    ("installed", "recent"),
    [
        (NOW - timedelta(days=3, hours=1), False),  # with the installation, or the day after
        (NOW - timedelta(days=4, hours=1), True),
        (NOW - timedelta(days=900), True),
        (datetime.max.replace(tzinfo=UTC), True),  # not believed
    ],
)
def test_what_came_with_the_installation_is_not_recent(installed: datetime, recent: bool) -> None:
    assert ("recent" in facts(installed)) is recent


def test_a_line_has_only_what_it_names_itself() -> None:
    entry = replace(ENTRY, runs=("/a", "/b"), facts=frozenset(("by-line", "command-missing")), text=b"/a\n/b", size=5)
    part = narrow_to_line(entry, 2, b"/b \xff")
    assert (part.line, part.text, part.command, part.runs) == (2, b"/b \xff", "/b \\xff", ("/b",))
    assert (part.facts, part.size, part.path) == (frozenset(("by-line",)), 5, entry.path)


def test_of_a_text_that_is_cut_only_the_last_line_is() -> None:
    entry = replace(ENTRY, facts=frozenset(("text-cut",)), text=b"# x\n\n /a\n/b")
    lines = list(split_lines(entry))
    assert lines == [(3, b" /a"), (4, b"/b")]
    assert ["text-cut" in narrow_to_line(entry, *line).facts for line in lines] == [False, True]
