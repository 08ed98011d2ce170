"""What a plan says of a value or key of the registry: what it is now, and what becomes of it."""

from codered.export.writing.words import count_of
from codered.model.plan import Action, KeyState, ValueState
from codered.model.registry import REG_DWORD, REG_QWORD, RegistryValue

_TYPES = {
    0: "no type", 1: "text", 2: "text with variables", 3: "binary", 4: "dword", 5: "dword, big-endian", 6: "link",
    7: "texts", 11: "qword",
}  # fmt: skip
_MOST_BYTES = 64
REPLAYED = "it was not written to its end: its transaction logs are applied first, as Windows would at its next start"


def describe_registry(action: Action) -> list[tuple[str, str]]:
    """Names and facts, unescaped: the caller escapes for its medium."""
    before = action.expects
    first = [("hive", REPLAYED)] if action.replays else []
    if isinstance(before, KeyState):
        below = f"{count_of(before.keys, 'key')}, {count_of(before.values, 'value')}, sha256 {before.sha256[:16]}…"
        facts = [("expects", below if before.exists else "no such key"), ("becomes", "nothing: it goes with all below")]
        return [*first, *facts]
    if not isinstance(before, ValueState):
        return []
    becomes = describe_value(action.sets) if action.sets is not None else "nothing: the value goes"
    return [*first, ("expects", describe_value(before)), ("becomes", becomes)]


def describe_value(state: ValueState) -> str:
    """A value in a few words: `0xffffff9d (dword)`."""
    if not state.exists:
        return "no such value"
    value = RegistryValue("", state.type, state.data)
    kind = _TYPES.get(state.type, f"type {state.type}")
    number = value.number()
    if number is not None and state.type in (REG_DWORD, REG_QWORD):
        return f"0x{number:x} ({kind})"
    texts = value.texts()
    if texts or state.type in (1, 2, 7):
        return f"{'; '.join(texts) or 'empty'} ({kind})"
    more = "…" if len(state.data) > _MOST_BYTES else ""
    return f"{state.data[:_MOST_BYTES].hex(' ')}{more} ({kind}, {count_of(len(state.data), 'byte')})"
