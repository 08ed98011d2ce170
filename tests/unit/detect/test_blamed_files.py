from datetime import UTC, datetime

from msgspec.structs import replace

from codered.detect.autostart_facts import FactFinder
from codered.detect.blamed_files import MOST_PATH, MOST_TOLD, add_script, tell_what_runs
from codered.model.finding import Evidence, Finding, Subject
from codered.model.paths import FilePath
from codered.model.persistence import Autostart
from codered.packs.heuristics import load_heuristics
from codered.packs.loading import find_packs_folder

FACTS = FactFinder(load_heuristics(find_packs_folder(), patterns_too=False), None, datetime(2026, 11, 22, tzinfo=UTC))
FINDING = Finding(
    id="a", pack="heuristics", indicator="x", layer="autostart", subject=Subject(kind="autostart", path="/etc/crontab"),
    confidence="likely", severity="high", because="It is.",
    evidence=(Evidence(what="line 1", source="line"), Evidence(what="the whole file", source="file")),
)  # fmt: skip


def tell(*runs: str, path: str = "/etc/crontab", shown: str | None = None, user: str = "root") -> list[Evidence]:
    entry = Autostart(kind="cron", path=FilePath(path), shown=shown, user=user, runs=runs)
    return list(tell_what_runs(FINDING, entry, FACTS).evidence)


def named(pieces: list[Evidence]) -> list[tuple[bytes | None, str | None]]:
    return [(piece.data, piece.source) for piece in pieces]


def test_odd_places_are_blamed_and_the_rest_is_told_between_the_line_and_the_file() -> None:
    first, *middle, last = tell("/tmp/.x/agent", "/opt/agent/x", "/opt/.h/y", "x.service", "./z")
    assert (first.source, last.source) == ("line", "file")
    assert named(middle) == [(b"/tmp/.x/agent", "script"), (b"/opt/agent/x", "runs"), (b"/opt/.h/y", "script")]


def test_paths_are_those_of_this_machine() -> None:
    pieces = tell("/tmp/x", path="/mnt/etc/crontab", shown="/etc/crontab")[1:-1]
    assert named(pieces) == [(b"/mnt/tmp/x", "script")]


def test_a_path_is_judged_by_where_it_leads() -> None:
    assert named(tell("/tmp/../usr/bin/id", "//tmp//x")[1:-1]) == [(b"/usr/bin/id", "runs"), (b"/tmp/x", "script")]


def test_homes() -> None:
    assert named(tell("~/.x/a")[1:-1]) == [(b"/root/.x/a", "script")]
    assert named(tell("$HOME/.x/a", user="ann")[1:-1]) == [(b"/home/ann/.x/a", "script")]
    assert named(tell("~/a", path="/home/bob/.bashrc", user="")[1:-1]) == [(b"/home/bob/a", "runs")]


def test_what_is_too_long_or_too_much_is_said() -> None:
    (long,) = tell("/tmp/" + "x" * MOST_PATH)[1:-1]
    assert (long.data, long.source) == (None, "runs")
    pieces = tell(*(f"/tmp/{number}" for number in range(MOST_TOLD + 2)))[1:-1]
    assert len(pieces) == MOST_TOLD + 1
    assert "2 more" in pieces[-1].what


def test_a_finding_without_its_file_gets_them_at_the_end() -> None:
    bare = replace(FINDING, evidence=())
    entry = Autostart(kind="cron", path=FilePath("/etc/crontab"), runs=("/tmp/x",))
    assert named(list(tell_what_runs(bare, entry, FACTS).evidence)) == [(b"/tmp/x", "script")]


def test_a_script_of_a_process() -> None:
    assert add_script(FINDING, None) == add_script(FINDING, b"/" * (MOST_PATH + 1)) == FINDING
    assert add_script(FINDING, b"/tmp/x.sh").evidence[-1] == Evidence(
        what="its script", data=b"/tmp/x.sh", source="script"
    )
