"""What the laboratory's headquarters itself does for a drill: a process of its own, which has no other headquarters."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from codered.export.writing.escaping import printable
from codered.model.errors import CodeRedError
from codered_hq.cli.entering import enter_headquarters
from lab.drilling.paper import NAME
from lab.people import PEOPLE

_MOST_BYTES = 1 << 20


def main() -> int:
    """One word; its exit code: those of codered."""
    parser = argparse.ArgumentParser("lab.drilling.desk")
    parser.add_argument("word", choices=_WORDS)
    parser.add_argument("--into", type=Path, required=True)
    parser.add_argument("--real", type=Path, default=Path())
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    try:
        enter_headquarters(named=False)
        _WORDS[given.word](given)
    except CodeRedError as error:
        print(f"lab: {printable(str(error))}", file=sys.stderr)
        return int(error.exit_code)
    return 0


def _enter(given: argparse.Namespace) -> None:
    from codered_hq.drills.laboratory import enter_planted, read_planted

    place = given.into / NAME
    with place.open("rb") as file:
        raw = file.read(_MOST_BYTES)
    enter_planted(read_planted(raw, str(place)))


def _tell_status(_given: argparse.Namespace) -> None:
    from codered_hq.drills.laboratory import find_laboratory_drill, tell_standing

    for line in tell_standing(find_laboratory_drill(), datetime.now(UTC)):
        print(printable(line))


def _score(given: argparse.Namespace) -> None:
    from codered_hq.cli.drilling import print_score
    from codered_hq.drills.laboratory import find_laboratory_drill, measure_now

    made = measure_now(find_laboratory_drill(), datetime.now(UTC))
    if given.json:
        print(msgspec.json.encode(made).decode())
    else:
        print_score(made, given.real)


def _end(given: argparse.Namespace) -> None:
    from codered_hq.cli.drilling import print_score
    from codered_hq.drills.laboratory import end_and_keep, find_laboratory_drill, keep_pdf
    from codered_hq.incidents.people import speak

    commander = next(iter(PEOPLE))
    speaker = speak(commander, str(given.into / "people" / f"{commander.lower()}.key"))
    made, folder = end_and_keep(find_laboratory_drill(), speaker, given.real, datetime.now(UTC))
    print_score(made, given.real)
    try:
        keep_pdf(folder)
    except CodeRedError as error:
        print(f"lab: {printable(str(error))}", file=sys.stderr)
    print(f"lab: the after-action report is in {printable(str(folder))}", file=sys.stderr)


_WORDS = {"enter": _enter, "status": _tell_status, "score": _score, "end": _end}

if __name__ == "__main__":
    sys.exit(main())
