"""The steps of the packs themselves: what they name without doubt, by place and exact value, on any host of a role."""

from collections.abc import Iterator
from typing import get_args

from codered.export.scripts.quoting import is_safe_for_cmd
from codered.export.scripts.steps import OLD, ByHand, FileStep, MetabaseStep, Role, Script, Step, ValueStep
from codered.model.countermeasures import RemovalStep
from codered.model.indicators import AutostartIndicator, FileIndicator, SettingIndicator
from codered.model.pack import LoadedPack, ThreatPack
from codered.model.persistence import WindowsKind
from codered.model.registry import REG_DWORD, REG_SZ

_DRIVES = ("C", "D")
_RUN = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run"
_ROLE_NAMES = {"iis4", "iis5", "iis6", "iis7", "windows"}
_TYPES = {"dword": REG_DWORD, "string": REG_SZ}
_SITE = "/lm/w3svc/*/root/"
_FILE_STEPS = ("quarantine_file", "delete_file")


def make_from_packs(packs: tuple[LoadedPack, ...], role: Role) -> Script:
    """The script of the packs that are about Windows, in the order of their own steps."""
    chosen = tuple(item for item in packs if _ROLE_NAMES & set(item.pack.server_roles))
    found = [(item.pack, entry) for item in chosen for entry in _list_steps(item.pack, role)]
    steps = tuple(dict.fromkeys(entry for _, entry in found if not isinstance(entry, ByHand)))
    names = ", ".join(f"{item.pack.name} {item.pack.version}" for item in chosen)
    return Script(
        id=f"prebuilt-{role}",
        role=role,
        title=f"what the packs name without doubt, for {role}",
        origin=f"packs {names}",
        steps=steps,
        by_hand=tuple(dict.fromkeys(entry for _, entry in found if isinstance(entry, ByHand))),
        afterwards=tuple(
            dict.fromkeys(line for item in chosen if item.pack.removal for line in item.pack.removal.afterwards)
        ),
    )


def list_metabase_steps(packs: tuple[LoadedPack, ...]) -> Iterator[MetabaseStep]:
    """What the packs name in the metabase of every site, in their order. A folder that is published is named once."""
    for item in packs:
        for setting in _order_settings(item.pack):
            step = _make_metabase(setting)
            if step is not None:
                yield step


def _order_settings(pack: ThreatPack) -> Iterator[SettingIndicator]:
    by_id = {setting.id: setting for setting in pack.settings if setting.store == "metabase"}
    for step in pack.removal.steps if pack.removal else ():
        yield from (by_id[name] for name in step.indicators if name in by_id)


def _list_steps(pack: ThreatPack, role: Role) -> Iterator[Step | ByHand]:
    signs = {sign.id: sign for sign in (*pack.files, *pack.settings, *pack.autostart)}
    unix = {sign.id for sign in pack.files if sign.platform == "unix"}
    unix |= {sign.id for sign in pack.autostart if sign.kind not in get_args(WindowsKind)}
    for step in pack.removal.steps if pack.removal else ():
        for name in step.indicators:
            sign = signs.get(name)
            made = list(_make_steps(sign, step, role)) if sign is not None else []
            if made:
                yield from made
            elif name not in unix:
                yield ByHand(
                    what=f"{pack.name}: {name}", because="no place or value names it without doubt: scan for it"
                )


def _make_steps(sign: object, step: RemovalStep, role: Role) -> Iterator[Step]:
    if isinstance(sign, FileIndicator) and step.action in _FILE_STEPS:
        yield from _make_files(sign)
    elif isinstance(sign, SettingIndicator) and sign.store == "registry":
        yield from _make_value(sign)
    elif isinstance(sign, SettingIndicator) and sign.store == "metabase" and role in OLD:
        made = _make_metabase(sign)
        if made is not None:
            yield made
    elif isinstance(sign, AutostartIndicator) and sign.kind == "run_key" and sign.name and "*" not in sign.command:
        data = (sign.command + "\0").encode("utf-16-le")
        yield ValueStep(key=_RUN, name=sign.name, type=REG_SZ, expects=(data,), because=sign.because, fold=True)


def _make_files(sign: FileIndicator) -> Iterator[FileStep]:
    """Only for a file that its place names without doubt, and that can be checked here."""
    exact = sign.platform != "unix" and sign.kind == "file" and not sign.content
    if not exact or sign.confidence == "suspicious" or len(sign.sizes) > 1 or len(sign.sha256) > 1:
        return
    for path in _list_places(sign.paths):
        yield FileStep(
            path=path,
            because=sign.because,
            size=sign.sizes[0] if sign.sizes else -1,
            sha256=sign.sha256[0] if sign.sha256 else "",
            twins=tuple(_list_places(sign.same_as)),
        )


def _list_places(paths: tuple[str, ...]) -> Iterator[str]:
    for path in paths:
        if is_safe_for_cmd(path.replace("?", "")) and path[1:3] == ":\\" and "*" not in path and "?" not in path[1:]:
            yield from ((drive + path[1:] for drive in _DRIVES) if path[0] == "?" else (path,))


def _make_value(sign: SettingIndicator) -> Iterator[ValueStep]:
    kind = _TYPES.get(sign.type)
    if kind is None or not sign.equals or sign.pattern or sign.clean_is == "manual":
        return
    expects = tuple(dict.fromkeys(encode_value(kind, text) for text in sign.equals))
    sets = encode_value(kind, sign.clean) if sign.clean_is == "value" else None
    yield ValueStep(
        key=sign.key, name=sign.value, type=kind, expects=expects, because=sign.because, fold=True,
        sets_type=kind if sets is not None else 0, sets=sets,
    )  # fmt: skip


def _make_metabase(sign: SettingIndicator) -> MetabaseStep | None:
    below = sign.key[len(_SITE) :]
    if not sign.key.lower().startswith(_SITE) or not below.isalnum() or not sign.equals or sign.pattern:
        return None
    if sign.value == "Path" and sign.clean_is == "absent":
        return MetabaseStep(below=below, expects=sign.equals, because=sign.because)
    if sign.value == "AccessFlags" and sign.clean_is == "value":
        numbers = tuple(dict.fromkeys(str(int(text, 0)) for text in sign.equals))
        return MetabaseStep(below=below, expects=numbers, because=sign.because, flags=int(sign.clean, 0))
    return None


def encode_value(kind: int, text: str) -> bytes:
    """A pack's text as the data of a value of this REG_ type. Raises ValueError, OverflowError for no such number."""
    return int(text, 0).to_bytes(4, "little") if kind == REG_DWORD else (text + "\0").encode("utf-16-le")
