"""The steps of a plan, as far as a script can carry them out; the rest is named, with the reason."""

import re
from collections.abc import Callable, Iterable

from codered.export.scripts.from_packs import list_metabase_steps
from codered.export.scripts.quoting import is_safe_for_cmd
from codered.export.scripts.steps import (
    OLD,
    TYPE_NAMES,
    ByHand,
    FileStep,
    KeyStep,
    LinesStep,
    Role,
    Script,
    Step,
    ValueStep,
    text_of,
)
from codered.model.errors import WrongUse
from codered.model.pack import LoadedPack
from codered.model.plan import Action, FileState, KeyState, Plan, ValueState
from codered.model.registry import REG_DWORD, REG_EXPAND_SZ, REG_SZ

_PATH = re.compile(r"[A-Za-z]:\\[^\x00-\x1f/*?\"<>|:]+")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
_ROOTS = ("HKLM\\", "HKU\\")
_OLD_TYPES = (REG_SZ, REG_EXPAND_SZ, REG_DWORD)
_NO_PATH = "its name on the host can't stand in a script: do it by hand"
_EDIT = "an old system has no safe way to change bytes of a file in place: do it by hand"


class _NotHere(Exception):
    """Why a script can't do an action."""


def make_from_plan(plan: Plan, role: Role, packs: tuple[LoadedPack, ...]) -> Script:
    """The script for a plan of a Windows system. Raises WrongUse for another system's plan."""
    if plan.target.system == "linux" or plan.target.kind in ("live_linux", "log_files", "traffic_files"):
        advice = "codered apply carries out a plan of this system"
        raise WrongUse("is no plan of a Windows system", where=plan.id, advice=advice)
    if not _ID.fullmatch(plan.id):
        raise WrongUse("has an id that no folder can be named after", where=plan.id, advice="make the plan again")
    steps: list[Step] = []
    left = [ByHand(what=item.what, because=item.because) for item in plan.left_alone]
    for action in plan.actions:
        try:
            steps.append(_MAKERS.get(action.kind, _refuse)(action, role))
        except _NotHere as reason:
            left.append(ByHand(what=action.shown or action.path.text, because=str(reason)))
    if role in OLD:
        steps += list_metabase_steps(packs)
    return Script(
        id=plan.id,
        role=role,
        title=f"the plan {plan.id}",
        origin=f"plan {plan.id}, digest {plan.digest}",
        steps=tuple(steps),
        by_hand=tuple(left),
        afterwards=(*plan.advice, *_list_afterwards(packs)),
    )


def _list_afterwards(packs: Iterable[LoadedPack]) -> Iterable[str]:
    for item in packs:
        yield from item.pack.removal.afterwards if item.pack.removal else ()


def _refuse(action: Action, _role: Role) -> Step:
    if action.kind in ("stop_process", "kill_process"):
        raise _NotHere("a process is another one by the time a script runs: end it by hand, or restart")
    raise _NotHere("no script does that: do it by hand")


def find_host_path(action: Action) -> str:
    """The file's name on the host itself. Raises ValueError if it has none that is safe."""
    path = action.shown or action.path.text
    parts = path[3:].split("\\")
    if not _PATH.fullmatch(path) or any(part in ("", ".", "..") or part[-1] in " ." for part in parts):
        raise ValueError(path)
    return path


def _find_path(action: Action) -> str:
    try:
        return find_host_path(action)
    except ValueError:
        raise _NotHere(_NO_PATH) from None


def _make_file(action: Action, _role: Role) -> Step:
    state = action.expects
    if not isinstance(state, FileState) or not _DIGEST.fullmatch(state.sha256):
        raise _NotHere("the plan does not say what the file is: do it by hand")
    return FileStep(path=_find_path(action), size=state.size, sha256=state.sha256, because=action.because)


def _make_lines(action: Action, role: Role) -> Step:
    path, edit, state = _find_path(action), action.edit, action.expects
    if role in OLD:
        raise _NotHere(_EDIT)
    if edit is not None and not edit.lines and edit.mode is None:
        raise _NotHere("it goes with another change of the same file")
    digests = (state.sha256 if isinstance(state, FileState) else "", edit.outcome.sha256 if edit else "")
    if edit is None or not isinstance(state, FileState) or not all(map(_DIGEST.fullmatch, digests)):
        raise _NotHere("no script does that: do it by hand")
    return LinesStep(
        path=path, before=state.sha256, after=edit.outcome.sha256, lines=edit.lines, because=action.because
    )


def _find_key(action: Action, role: Role) -> tuple[str, str | None]:
    """The key's full name and the value's. Raises _NotHere."""
    place = action.registry
    if place is None or place.key_raw is not None or place.value_raw is not None:
        raise _NotHere(_NO_PATH)
    root, _, rest = f"{place.hive}\\{place.key}".partition("\\")
    key, name = f"{root.upper()}\\{rest}", place.value
    if not key.startswith(_ROOTS) or not (key + (name or "")).isprintable() or '"' in key:
        raise _NotHere(_NO_PATH)
    if role in OLD and key.upper().startswith("HKU\\S-"):
        raise _NotHere("a user's settings are only there while the user is logged on: do it by hand")
    if role in OLD and "\\" in (name or ""):
        raise _NotHere("Windows Script Host can't name a value with a backslash in it: do it by hand")
    return key, name


def _make_value(action: Action, role: Role) -> Step:
    key, name = _find_key(action, role)
    now, sets = action.expects, action.sets
    if (
        name is None
        or not isinstance(now, ValueState)
        or not now.exists
        or (sets is None) != (action.kind == "delete_value")
    ):
        raise _NotHere("no script makes a value that is not there: do it by hand")
    for state in filter(None, (now, sets)):
        _check_value(state, role)
    return ValueStep(
        key=key, name=name, type=now.type, expects=(now.data,), because=action.because,
        sets_type=sets.type if sets else 0, sets=sets.data if sets else None,
    )  # fmt: skip


def _check_value(state: ValueState, role: Role) -> None:
    """Raises _NotHere for a value that the script's language can't compare or set exactly."""
    if state.type not in (_OLD_TYPES if role in OLD else TYPE_NAMES):
        raise _NotHere(f"a script for this system can't put back a value of the type {state.type}: do it by hand")
    if state.type == REG_DWORD and len(state.data) != 4:
        raise _NotHere("it is a number that is cut short: do it by hand")
    if state.type in (REG_SZ, REG_EXPAND_SZ):
        text = text_of(state.data)
        if text is None or (text + "\0").encode("utf-16-le") != state.data:
            raise _NotHere("its text is no whole line: do it by hand")


def _make_key(action: Action, role: Role) -> Step:
    key, _ = _find_key(action, role)
    state = action.expects
    if role in OLD or not isinstance(state, KeyState) or not is_safe_for_cmd(key):
        raise _NotHere("save it with `regedit /e` and delete it in regedit by hand")
    return KeyStep(key=key, keys=state.keys, values=state.values, because=action.because)


_MAKERS: dict[str, Callable[[Action, Role], Step]] = {
    "quarantine_file": _make_file,
    "delete_file": _make_file,
    "remove_line": _make_lines,
    "reset_setting": _make_lines,
    "set_value": _make_value,
    "delete_value": _make_value,
    "delete_key": _make_key,
}
