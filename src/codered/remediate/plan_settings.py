"""Planning for the registry: values that go or are set back, keys that go, services that are switched off."""

import hashlib
import re
from functools import cache
from importlib import resources
from typing import NamedTuple

import msgspec

from codered.model.finding import Finding
from codered.model.indicators import SettingIndicator
from codered.model.pack import LoadedPack
from codered.model.paths import FilePath
from codered.model.plan import Action, ActionKind, KeyState, RegistryPlace, ValueState
from codered.model.registry import REG_DWORD, REG_EXPAND_SZ, REG_MULTI_SZ, REG_SZ, fold_name
from codered.remediate.drafts import LINES, Draft, Ground, LeftOut, Order, give_reason
from codered.remediate.proposals import Proposal
from codered.remediate.registry.hive_verbs import opened_hive
from codered.remediate.registry.locating import locate, split_root
from codered.remediate.registry.trees import read_state
from codered.remediate.registry.writer import open_writer
from codered.remediate.windows_kept import is_core_service, read_windows_kept

ALREADY = "it is as it should be already"
_GONE = "it is not there any more"
_START = "Start"
_DISABLED = 4
_CACHE = "\\Schedule\\TaskCache\\Tree\\"
_CACHES = ("Tasks", "Plain", "Boot", "Logon", "Maintenance")
_SET = re.compile(r"\\ControlSet[0-9]{3,10}\\", re.IGNORECASE)
_SERVICE = re.compile(r"(.*\\ControlSet[0-9]{3,10}\\Services\\[^\\]+)(\\.*)?", re.IGNORECASE)
_TYPES = {"dword": REG_DWORD, "multi_string": REG_MULTI_SZ}
_USUAL = "usual"


class RegistryWays(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Kinds of autostart entries, each with names of values (lower case): `sets` are set to what a clean system says,
    `empties` to an empty text, `deletes` go; `by_hand` says why nothing is safe.
    """

    sets: dict[str, tuple[str, ...]]
    empties: dict[str, tuple[str, ...]]
    deletes: dict[str, tuple[str, ...]]
    by_hand: dict[str, str]


class _Wanted(NamedTuple):
    kind: ActionKind
    registry: str
    value: str | None
    text: str | None = None
    type: int | None = None


@cache
def read_registry_ways() -> RegistryWays:
    """The table in registry_ways.json."""
    raw = resources.files("codered.remediate").joinpath("registry_ways.json").read_bytes()
    return msgspec.json.decode(raw, type=RegistryWays)


def plan_setting(proposal: Proposal, ground: Ground, packs: tuple[LoadedPack, ...]) -> list[Draft]:
    """What stands in the registry goes, or is set back. Raises LeftOut, OSError, ChangeFailed, Refused."""
    finding = proposal.finding
    indicator = _find_indicator(proposal, packs)
    _check_protected(finding, indicator, packs)
    wanted = _choose(proposal, indicator, ground)
    drafts = [_draft(proposal, ground, wanted)]
    if wanted.kind == "delete_key" and fold_name(_CACHE) in fold_name(wanted.registry):
        drafts += _plan_task(proposal, ground, wanted.registry)
    return drafts


def _choose(proposal: Proposal, indicator: SettingIndicator | None, ground: Ground) -> _Wanted:
    """What is to be done, and where."""
    subject, step = proposal.finding.subject, proposal.step.action
    registry, kind = subject.registry or "", subject.key or ""
    if subject.kind == "autostart" and kind in read_registry_ways().by_hand:
        raise LeftOut(read_registry_ways().by_hand[kind])
    service = _SERVICE.fullmatch(registry)
    whole = step == "delete_key" and subject.value is None and service is not None and service[2] is None
    ends = step in ("disable_service", "remove_service") or whole
    if service is not None and ends and is_core_service(service[1]):
        raise LeftOut(read_windows_kept().service_because)
    if step in ("disable_service", "remove_service"):
        if service is None:
            raise LeftOut("it is no service: decide yourself")
        if step == "remove_service":
            return _Wanted("delete_key", service[1], None)
        return _Wanted("set_value", service[1], _START, str(_DISABLED), REG_DWORD)
    if step == "set_value":
        return _choose_value(proposal.finding, indicator, ground)
    if step == "delete_key" and subject.value is None:
        return _Wanted("delete_key", registry, None)
    if subject.value is None:
        return _Wanted("delete_key", registry, None)
    return _Wanted("delete_value", registry, subject.value)


def _choose_value(finding: Finding, indicator: SettingIndicator | None, ground: Ground) -> _Wanted:
    """What a value is to become: by its pack, or by what a clean system says."""
    subject = finding.subject
    registry, value = subject.registry or "", subject.value
    if value is None:
        raise LeftOut("which value is to be set is not known: decide yourself")
    if indicator is not None:
        if indicator.clean_is == "absent":
            return _Wanted("delete_value", registry, value)
        if indicator.clean_is == "value":
            return _Wanted("set_value", registry, value, indicator.clean, _TYPES.get(indicator.type))
        raise LeftOut("its pack knows no default for it: set it by hand")
    ways, kind, name = read_registry_ways(), subject.key or "", value.casefold()
    usual = next((e.data.decode(errors="replace") for e in finding.evidence if e.source == _USUAL and e.data), None)
    if name in ways.deletes.get(kind, ()):
        return _Wanted("delete_value", registry, value)
    if name in ways.empties.get(kind, ()):
        return _Wanted("set_value", registry, value, "")
    if name in ways.sets.get(kind, ()) and usual:
        text = _expand(usual, ground)
        return _Wanted("set_value", registry, value, text + "," if name == "userinit" else text)
    raise LeftOut("what a clean system says there is not known: set it by hand")


def _expand(usual: str, ground: Ground) -> str:
    """A plain text of the registry is not expanded by Windows; a bare name is found in the system folder."""
    windows = ground.target.info.windows
    if windows is not None and windows.root:
        return usual.replace("%SystemRoot%", windows.root)
    return usual.rpartition("\\")[2] if "%SystemRoot%" in usual else usual


def _draft(proposal: Proposal, ground: Ground, wanted: _Wanted, part: int = 0) -> Draft:
    finding = proposal.finding
    path, place, now, replays = _look(finding, ground, wanted)
    sets = None
    if wanted.kind == "set_value":
        sets = _encode(wanted, now)
        if sets == now:
            raise LeftOut(ALREADY)
    elif not now.exists:
        raise LeftOut(_GONE)
    same = (wanted.registry, wanted.value) == (finding.subject.registry, finding.subject.value)
    if same and isinstance(now, ValueState):
        _check_seen(finding, now)
    name = "" if place.value is None else f": {place.value or '(default)'}"
    action = Action(
        id="a",
        kind=wanted.kind,
        path=path,
        expects=now,
        because=give_reason(proposal),
        pack=finding.pack,
        shown=f"{wanted.registry}{name}",
        registry=place,
        sets=sets,
        replays=replays,
    )
    return Draft(finding=finding, order=Order(LINES, *proposal.rank, part), action=action)


class _Looked(NamedTuple):
    """Where it stands, what is there now, and the digest of the logs that were needed to see that."""

    path: FilePath
    place: RegistryPlace
    now: ValueState | KeyState
    logs: str = ""


def _look(finding: Finding, ground: Ground, wanted: _Wanted) -> _Looked:
    if ground.target.info.kind == "live_windows":
        writer, (root, key) = open_writer(ground.target), split_root(wanted.registry)
        place = RegistryPlace(hive=root, key=key, value=wanted.value)
        return _Looked(FilePath(wanted.registry), place, writer.read_state(place))
    path = finding.subject.file_path()
    with opened_hive(path, ground.target) as hive:
        found = locate(hive.file, wanted.registry, wanted.value)
        if found is None:
            raise LeftOut(_GONE)
        return _Looked(path, found, read_state(hive.file, found), hive.logs)


def _encode(wanted: _Wanted, now: ValueState | KeyState) -> ValueState:
    """The value afterwards, of the type that it has."""
    before = now if isinstance(now, ValueState) else ValueState(exists=False)
    kind = wanted.type if wanted.type is not None else before.type if before.exists else REG_SZ
    text = wanted.text or ""
    if kind == REG_DWORD:
        try:
            return ValueState(exists=True, type=kind, data=int(text, 0).to_bytes(4, "little"))
        except (ValueError, OverflowError):
            raise LeftOut(f"its pack's default is no number of 32 bits: {text[:40]}") from None
    if kind not in (REG_SZ, REG_EXPAND_SZ, REG_MULTI_SZ):
        raise LeftOut(f"it is no text (type {kind}): decide yourself")
    ending = "\0\0" if kind == REG_MULTI_SZ and text else "\0"
    return ValueState(exists=True, type=kind, data=(text + ending).encode("utf-16-le"))


def _check_seen(finding: Finding, now: ValueState) -> None:
    """Raises LeftOut if the scan saw other data."""
    seen = next((e for e in finding.evidence if e.source == "value" and e.sha256), None)
    if seen is not None and seen.sha256 != hashlib.sha256(now.data[: seen.size]).hexdigest():
        raise LeftOut("it has other data than the scan saw: scan again")


def _check_protected(finding: Finding, indicator: SettingIndicator | None, packs: tuple[LoadedPack, ...]) -> None:
    """What a pack forbids to touch is left alone, but for the very data that a pack names. Raises LeftOut."""
    subject = finding.subject
    named = subject.registry or ""
    full = _plain(named if subject.value is None else f"{named}\\{subject.value}")
    for item in packs:
        for rule in item.pack.removal.must_not_touch if item.pack.removal else ():
            exact = indicator is not None and indicator.equals and not indicator.pattern
            if rule.path.upper().startswith("HK") and _plain(rule.path) == full and not exact:
                raise LeftOut(f"must not be touched: {rule.because}")


def _plain(key: str) -> str:
    return fold_name(_SET.sub(lambda _: "\\CurrentControlSet\\", key))


def _find_indicator(proposal: Proposal, packs: tuple[LoadedPack, ...]) -> SettingIndicator | None:
    """The setting of the pack that found it."""
    for item in packs:
        if item.pack.name == proposal.pack:
            for setting in item.pack.settings:
                if setting.id == proposal.finding.indicator and setting.store == "registry":
                    return setting
    return None


def _plan_task(proposal: Proposal, ground: Ground, registry: str) -> list[Draft]:
    """The other keys of a scheduled task, which its key in the tree names by a number."""
    number = _look(proposal.finding, ground, _Wanted("delete_value", registry, "Id")).now
    guid = number.data.decode("utf-16-le", "replace").rstrip("\0") if isinstance(number, ValueState) else ""
    if not re.fullmatch(r"\{[0-9A-Fa-f-]{36}\}", guid):
        return []
    top = registry[: fold_name(registry).index(fold_name(_CACHE))] + _CACHE.removesuffix("Tree\\")
    drafts = []
    for part, name in enumerate(_CACHES, 1):
        try:
            drafts.append(_draft(proposal, ground, _Wanted("delete_key", f"{top}{name}\\{guid}", None), part))
        except LeftOut:
            continue
    return drafts
