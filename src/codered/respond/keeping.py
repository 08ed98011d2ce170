"""Where plans and cases are kept, and how their files are written and read."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from codered.model.errors import Refused, WrongUse
from codered.model.plan import PLAN_FORMAT, Plan
from codered.model.plan_reading import NewerPlan, decode_plan
from codered.model.report import REPORT_FORMAT, Report
from codered.system.descriptors import NOT_INHERITED, RAW
from codered.system.private_files import make_private_folder
from codered.system.state_folder import state_folder

CASES = "cases"
_Document = TypeVar("_Document", bound=msgspec.Struct)
_MOST_BYTES = 512 << 20
_PLAN_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NOT_INHERITED | RAW


class _Head(msgspec.Struct):
    format: str = ""


def case_folder(plan: Plan) -> Path:
    """The case of this plan. Raises WrongUse if its id is none."""
    if not _PLAN_ID.fullmatch(plan.id):
        raise WrongUse("the plan's id is not one we gave", where=ascii(plan.id[:80]), advice="make a new plan")
    return state_folder() / CASES / plan.id


def plan_file(plan_id: str) -> Path:
    """Where a plan is kept that was given no file of its own. Raises WrongUse if the id is none."""
    if not _PLAN_ID.fullmatch(plan_id):
        raise WrongUse("is no plan id", where=ascii(plan_id[:80]), advice="give a plan's file, or its id")
    return state_folder() / "plans" / f"{plan_id}.json"


def write_plan(plan: Plan, path: Path) -> None:
    """Write the plan for review: complete or not at all. Raises WrongUse."""
    part = path.with_name(path.name + ".part")
    body = msgspec.json.format(msgspec.json.encode(plan, order="deterministic"), indent=2) + b"\n"
    try:
        part.unlink(missing_ok=True)
        # For its owner only: lines of account files stand in it.
        with open(os.open(part, _NEW, 0o600), "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise WrongUse(f"can't be written: {error.strerror}", where=str(path), advice="give another place") from None


def check_room(state: Path) -> None:
    """Refuse before anybody is asked what could not be kept afterwards. Raises Refused."""
    for folder in (state, state / "plans", state / "cases", state / "containments"):
        place = folder
        while not place.exists() and place != place.parent:
            place = place.parent
        if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
            advice = "run it as root, make it writable, or set CODERED_STATE"
            raise Refused("nothing can be written there", where=str(place), advice=advice)


def keep_plan(plan: Plan) -> Path:
    """Write the plan into the state folder, for who gives it no file of its own. Raises WrongUse."""
    path = plan_file(plan.id)
    try:
        make_private_folder(path.parent.parent)
        make_private_folder(path.parent)
    except OSError as error:
        what, advice = f"can't be made: {error.strerror}", "name a file for the plan, or set CODERED_STATE"
        raise WrongUse(what, where=str(path.parent), advice=advice) from None
    write_plan(plan, path)
    return path


def read_plan(path: Path) -> Plan:
    """The plan in this file. Raises WrongUse."""
    return _read_document(path, decode_plan, PLAN_FORMAT)


def read_report(path: Path) -> Report:
    """The report in this file. Raises WrongUse."""
    return read_document(path, Report, REPORT_FORMAT)


def read_document(path: Path, kind: type[_Document], wanted: str) -> _Document:
    """The document of this kind and format in a file. Raises WrongUse."""
    return _read_document(path, msgspec.json.Decoder(kind).decode, wanted)


def _read_document(path: Path, decode: Callable[[bytes], _Document], wanted: str) -> _Document:
    noun = wanted.split("/")[1]
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise WrongUse(f"is too large for a {noun}", where=str(path), advice=f"give a {noun} this tool wrote")
        raw = path.read_bytes()
    except OSError as error:
        raise WrongUse(f"can't be read: {error.strerror}", where=str(path), advice=f"give a {noun} file") from None
    try:
        found = msgspec.json.decode(raw, type=_Head).format
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise WrongUse(f"is no {noun}", where=str(path), advice=f"give a {noun} this tool wrote, unharmed") from None
    if found != wanted:
        what = f"is {found[:60]!a}, this version reads {wanted!r}" if found else f"is no {noun}"
        raise WrongUse(what, where=str(path), advice=f"make the {noun} again with this version")
    try:
        return decode(raw)
    except NewerPlan as error:
        advice = "use the version that made it, also to roll it back"
        raise WrongUse(f"is of a newer version: {ascii(str(error))[1:-1]}", where=str(path), advice=advice) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        story = ascii(str(error))[1:-1]
        raise WrongUse(f"is a damaged {noun}: {story}", where=str(path), advice=f"make the {noun} again") from None
