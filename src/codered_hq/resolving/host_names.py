"""A hostile text as a host's name."""

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")


def read_host_name(text: str) -> str:
    """The name in lower case without its final dot; "" if no host can be called so."""
    name = text.strip().lower().removesuffix(".")
    parts = name.split(".")
    fits = 0 < len(name) <= 253 and all(0 < len(part) <= 63 and not part.startswith("-") for part in parts)
    if not fits or not _LETTERS.issuperset(name) or name.replace(".", "").isdigit():
        return ""
    return "" if name in ("localhost", "localhost.localdomain") else name
