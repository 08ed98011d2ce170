"""From the settings of a Windows system to findings, by the packs' signs."""

import hashlib
import re
from collections.abc import Iterable

from codered.engine import GaveUp, Matcher, RuleSource, compile_sources
from codered.model.finding import Confidence, Evidence, Finding, Subject
from codered.model.indicators import SettingIndicator
from codered.model.observation import SettingSeen
from codered.model.pack import LoadedPack

DATA = 256  # bytes of evidence
SECONDS = 5
_CONTROL_SET = re.compile(r"\\ControlSet\d{3,10}\\", re.IGNORECASE | re.ASCII)
_STATES = {
    "replayed": "the hive was not written out to the end; its transaction logs were applied to a copy of it",
    "dirty": "the hive was not written out to the end, and no transaction log could be applied to it",
    "carved": "the hive is corrupt; this was found among its remains and may have been deleted before",
}


def judge_settings(seen: Iterable[SettingSeen], packs: tuple[LoadedPack, ...]) -> tuple[Finding, ...]:
    """The findings. A value with other data than a pack names is an administrator's choice, and none."""
    signs = _Signs(packs)
    findings: dict[str, Finding] = {}
    for setting in seen:
        for pack, sign in signs.find(setting):
            finding = _by_pack(setting, pack, sign)
            findings[finding.id] = finding
    return tuple(findings.values())


class _Signs:
    """The packs' settings by what they are about, with their patterns compiled."""

    def __init__(self, packs: tuple[LoadedPack, ...]) -> None:
        self._signs: dict[tuple[str, str], list[tuple[str, SettingIndicator, Matcher | None]]] = {}
        for loaded in packs:
            for sign in loaded.pack.settings:
                if sign.store in ("registry", "file"):
                    row = (loaded.pack.name, sign, _compile(sign))
                    self._signs.setdefault((_plain_key(sign.key), sign.value.lower()), []).append(row)

    def find(self, seen: SettingSeen) -> list[tuple[str, SettingIndicator]]:
        """The signs whose data it has."""
        rows = self._signs.get((_plain_key(seen.key), (seen.value or "").lower()), ())
        return [
            (pack, sign) for pack, sign, matcher in rows if sign.store == seen.store and _holds(sign, matcher, seen)
        ]


def _plain_key(key: str) -> str:
    """One form for all keys that a pack's key means: any ControlSet, any user."""
    lowered = _CONTROL_SET.sub(lambda _: "\\currentcontrolset\\", key).lower()
    return re.sub(r"^hku\\[^\\]+\\", r"hkcu\\", lowered)


def _compile(sign: SettingIndicator) -> Matcher | None:
    if not sign.pattern:
        return None
    escaped = re.sub(r"\\.|/", lambda found: found[0] if len(found[0]) == 2 else r"\/", sign.pattern)
    text = f"rule setting {{ strings: $p = /{escaped}/ nocase condition: $p }}"
    return Matcher(compile_sources([RuleSource("settings", text, sign.id)]), seconds=SECONDS, most=1)


def _holds(sign: SettingIndicator, matcher: Matcher | None, seen: SettingSeen) -> bool:
    if sign.type not in ("any", seen.type):
        return False
    wanted = {text.strip().lower() for text in sign.equals}
    forms = [form.strip() for form in seen.forms]
    if any(form.lower() in wanted for form in forms):
        return True
    try:
        return matcher is not None and any(
            matcher.hits(form.encode("utf-8", "backslashreplace")) for form in forms if form
        )
    except GaveUp:
        return False


def _by_pack(seen: SettingSeen, pack: str, sign: SettingIndicator) -> Finding:
    return Finding(
        id=_make_id(pack, sign.id, seen),
        pack=pack,
        indicator=sign.id,
        layer="settings",
        subject=_subject(seen),
        confidence=_weaken(sign.confidence, seen),
        severity=sign.severity,
        because=sign.because,
        evidence=_evidence(seen),
        attack=sign.attack,
        shared_by=sign.shared_by,
        first_seen=seen.written,
    )


def _weaken(confidence: Confidence, seen: SettingSeen) -> Confidence:
    """The remains of a corrupt hive may be what was deleted long ago."""
    return "suspicious" if seen.hive_state == "carved" else confidence


def _make_id(pack: str, indicator: str, seen: SettingSeen) -> str:
    path = seen.path.to_bytes() if seen.path else b""
    name = f"{pack}\0{indicator}\0{seen.key.lower()}\0{(seen.value or '').lower()}\0{seen.line}\0"
    return hashlib.sha256(name.encode() + path).hexdigest()[:12]


def _subject(seen: SettingSeen) -> Subject:
    registry = seen.store == "registry"
    return Subject(
        kind="setting",
        key=f"{seen.key}:{seen.value}" if seen.value is not None else seen.key,
        path=seen.path.text if seen.path else None,
        path_raw=seen.path.raw if seen.path else None,
        shown=seen.shown,
        line=seen.line or None,
        registry=seen.key if registry else None,
        value=seen.value if registry else None,
    )


def _evidence(seen: SettingSeen) -> tuple[Evidence, ...]:
    """The data first; for a line of a file its number and digest, on which planning relies."""
    if seen.line:
        digest = hashlib.sha256(seen.data).hexdigest()
        line = Evidence(what=f"line {seen.line}", line=seen.line, data=seen.data[:DATA], sha256=digest, source="line")
        return (line,)
    digest = hashlib.sha256(seen.data).hexdigest()
    found = [
        Evidence(what=_tell_data(seen), data=_shown_data(seen), sha256=digest, size=len(seen.data), source="value")
    ]
    if seen.written:
        found.append(Evidence(what=f"the key was last written {seen.written:%Y-%m-%d %H:%M:%S} UTC"))
    if seen.hive_state in _STATES:
        found.append(Evidence(what=_STATES[seen.hive_state]))
    if seen.control_set:
        found.append(Evidence(what=f"this is the {seen.control_set} control set"))
    return tuple(found)


def _tell_data(seen: SettingSeen) -> str:
    if seen.type == "dword":
        return f"its data is {' = '.join(seen.forms)}"
    return "its data, as text" if seen.forms else "its data"


def _shown_data(seen: SettingSeen) -> bytes:
    """The strings of a string value, else the bytes as they are; in `data`, so that a report never matches rules."""
    text = "\n".join(seen.forms).encode("utf-8", "backslashreplace")
    return (text if seen.forms and seen.type != "dword" else seen.data)[:DATA]
