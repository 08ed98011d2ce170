"""The words: up, down, status, run, move, dress, infect, journey, drill."""

import argparse
import importlib.util
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from lab.building import find_dead, lower_lab, raise_lab
from lab.changing import dress_machine, infect_machine
from lab.moving import move_machine
from lab.namespaces import CannotBuild, name_namespace, wrap
from lab.plan import SIZES, read_plan
from lab.records import Record, is_alive, read_record
from lab.running import give_environment

DEFAULT_FOLDER = "/tmp/codered-lab"  # noqa: S108 - checked to be ours alone, and made by mkdir
ROOT = Path(__file__).resolve().parents[1]
DONE, WRONG_USE, INCOMPLETE, FAILED = 0, 2, 3, 7

_DRILL_HELPS = {
    "start": "bring it up, make it ready, and tell the team what it knows", "status": "what was told, how it stands",
    "score": "the numbers so far", "end": "the final score, lessons, a report; then down",
}  # fmt: skip


def main(words: Sequence[str] | None = None) -> int:
    """Run one word; its exit code: 0 done, 2 wrong use, 3 parts are not alive, 7 failed, 130 interrupted."""
    given = _read_words(sys.argv[1:] if words is None else words)
    folder = Path(given.into).absolute()
    try:
        return int(_WORDS[given.word](folder, given))
    except CannotBuild as error:
        print(f"lab: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("lab: interrupted; everything was taken down", file=sys.stderr)
        return 130


def _read_words(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("lab", description="A virtual enterprise on this machine; see docs/lab.md")
    kinds = parser.add_subparsers(dest="word", required=True)
    helps = {
        "up": "build it, or leave it be if it is up", "down": "take it down: nothing is left",
        "status": "each part, alive or not", "run": "run a command at headquarters",
        "move": "carry a machine to another socket and subnet, or back",
        "dress": "have a web server answer as another personality of web_answers.json",
        "infect": "lay what is planted on a Linux host there once more",
        "journey": "play one outbreak from the first alarm to the lessons learned, in a laboratory of its own",
        "drill": "an outbreak for a team of people, with a score: the same as codered drill lab",
    }  # fmt: skip
    parsers = {name: kinds.add_parser(name, help=text) for name, text in helps.items()}
    drills = parsers.pop("drill").add_subparsers(dest="what", required=True)
    drill_words = {name: drills.add_parser(name, help=text) for name, text in _DRILL_HELPS.items()}
    for one in (*parsers.values(), *drill_words.values()):
        one.add_argument("--into", default=os.environ.get("CODERED_LAB", DEFAULT_FOLDER), metavar="DIR")
    parsers["up"].add_argument("--size", choices=SIZES, default="small")
    parsers["up"].add_argument("--with-salt", action="store_true", help="a Salt master, and a minion in the plant")
    parsers["run"].add_argument("--at", default="hq", metavar="PART", help="in another part's network")
    parsers["run"].add_argument("words", nargs="+", metavar="WORDS", help="after --")
    for name in ("move", "dress", "infect"):
        parsers[name].add_argument("machine")
    parsers["dress"].add_argument("personality")
    parsers["journey"].add_argument("--size", choices=("small", "large"), default="small")
    parsers["journey"].add_argument("--record", default="", metavar="FILE", help="write all of it there, as JSON")
    drill_words["start"].add_argument("--size", choices=("small", "large"), default="small")
    drill_words["score"].add_argument("--json", action="store_true")
    drill_words["end"].add_argument("--keep", action="store_true", help="leave the laboratory up")
    return parser.parse_args(list(words))


def _up(folder: Path, given: argparse.Namespace) -> int:
    began = time.monotonic()
    record = raise_lab(folder, given.size, with_salt=given.with_salt)
    count = len(read_plan(record.size).machines)
    print(f"lab: up in {folder}: {count} machines, {len(record.parts)} processes, {time.monotonic() - began:.1f} s")
    return DONE


def _down(folder: Path, _given: argparse.Namespace) -> int:
    print(f"lab: {'down' if lower_lab(folder) else 'there was none'} in {folder}")
    return DONE


def _status(folder: Path, _given: argparse.Namespace) -> int:
    record = _need(folder)
    for name, part in record.parts.items():
        print(f"{name:24} {'alive' if is_alive(part) else 'DEAD':6} process {part[0]}, namespace {part[2]}")
    dead = find_dead(record)
    print(
        f"lab: {record.size}, {'up' if record.up else 'never finished'}, {len(dead)} of {len(record.parts)} parts dead"
    )
    return INCOMPLETE if dead or not record.up else DONE


def _run(folder: Path, given: argparse.Namespace) -> int:
    record = _need(folder)
    words = wrap(name_namespace(record.id, given.at), given.words)
    sys.stdout.flush()
    os.execvpe(words[0], words, give_environment(folder))  # noqa: S606 - this process becomes the command


def _move(folder: Path, given: argparse.Namespace) -> int:
    _need(folder)
    print(f"lab: {given.machine} has {move_machine(folder, given.machine)} now")
    return DONE


def _dress(folder: Path, given: argparse.Namespace) -> int:
    _need(folder)
    dress_machine(folder, given.machine, given.personality)
    print(f"lab: {given.machine} answers as {given.personality} now")
    return DONE


def _infect(folder: Path, given: argparse.Namespace) -> int:
    _need(folder)
    infect_machine(folder, given.machine)
    print(f"lab: what is planted on {given.machine} lies there again (inert)")
    return DONE


def _journey(folder: Path, given: argparse.Namespace) -> int:
    _need_the_tool()
    from lab.journey.playing import play_and_print  # with all that it needs of the tests

    return play_and_print(folder, given.size, given.record)


def _drill(folder: Path, given: argparse.Namespace) -> int:
    _need_the_tool()
    from lab.drilling.words import play_drill

    return play_drill(folder, given)


def _need_the_tool() -> None:
    """A Python that has the tool: if this one has not, the checkout's own begins anew. Raises CannotBuild."""
    if importlib.util.find_spec("codered") is not None:
        return
    python = Path(os.environ.get("CODERED_VENV", ROOT / ".venv")).absolute() / "bin" / "python"
    if Path(sys.executable) == python or not python.exists():
        raise CannotBuild(f"{python}: the tool is not there; scripts/set-up-venv hq puts it there")
    os.execv(python, [str(python), str(ROOT / "lab" / "lab"), *sys.argv[1:]])  # noqa: S606 - nothing is left of this one


def _need(folder: Path) -> Record:
    record = read_record(folder)
    if record is None:
        raise CannotBuild(f"{folder}: no laboratory there; build one with: lab up --into {folder}")
    return record


_WORDS = {
    "up": _up, "down": _down, "status": _status, "run": _run, "move": _move, "dress": _dress, "infect": _infect,
    "journey": _journey, "drill": _drill,
}  # fmt: skip
