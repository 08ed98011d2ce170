"""The words of a notice, marked with its traffic light, safe for where they go."""

from codered.export.writing.escaping import is_visible, printable
from codered_hq.model.notice import Notice

MOST_SUBJECT = 180  # characters


def write_subject(notice: Notice) -> str:
    """One line: the traffic light, then what it is about. Nothing in it ends a header."""
    subject = printable(" ".join(notice.subject.split()))
    return cut(f"[TLP:{notice.tlp}] {'URGENT: ' if notice.urgent else ''}{subject}", MOST_SUBJECT)


def write_body(notice: Notice) -> str:
    """The body, line by line printable, with its traffic light above and below."""
    lines = [_make_plain(line) for line in notice.body.splitlines()]
    return "\n".join([f"TLP:{notice.tlp}", "", *lines, "", f"TLP:{notice.tlp}"]) + "\n"


def cut(text: str, most: int) -> str:
    """At most so many characters, the last one … if something is missing."""
    return text if len(text) <= most else text[: most - 1] + "…"


def cut_bytes(text: str, most: int) -> str:
    """At most so many bytes of UTF-8."""
    raw = text.encode()
    return text if len(raw) <= most else raw[: most - 3].decode(errors="ignore") + "…"


def _make_plain(line: str) -> str:
    return line if all(map(is_visible, line)) else printable(line)
