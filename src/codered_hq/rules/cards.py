"""The rules of engagement on one page: what a team hangs on the wall."""

from typing import Final, NamedTuple

from codered_hq.rules.book import Rule, RuleBook
from codered_hq.rules.durations import show_duration
from codered_hq.rules.matrix import SUPPOSED, Matrix, make_matrix

MOST_LINES: Final = 16
"""Of what must never be done, and of caps."""
_DIGEST_SHOWN: Final = 16
_CELL: Final = 32


class Card(NamedTuple):
    """What stands on the card, in words: facts as pairs of name and text, the matrix, caps, and what is never done."""

    title: str
    facts: tuple[tuple[str, str], ...]
    matrix: Matrix
    caps: tuple[str, ...]
    never: tuple[str, ...]


def make_card(book: RuleBook) -> Card:
    """The card of these rules."""
    facts = [
        ("Version", f"{book.version}, SHA-256 {book.digest[:_DIGEST_SHOWN]}…"),
        ("Approved by", f"{book.approved_name} ({_name(book.approved_role)}) on {book.approved_on.isoformat()}"),
        ("Review by", f"{book.review_by.isoformat()}; after that day only looking is allowed"),
        ("Told within 30 minutes", ", ".join(map(_name, book.tell_within_30_min)) or "nobody is named"),
        ("Business hours", f"{book.business_hours_text} {book.timezone}" if book.business_hours else "not said"),
        ("Staff of others may be called in", "yes" if book.may_commandeer_staff else "no"),
        ("Break glass", _tell_glass(book)),
    ]
    return Card(
        book.title,
        tuple(facts),
        make_matrix(book),
        _cut([_tell_cap(rule) for rule in book.never if rule.at_most]),
        _cut([rule.why for rule in book.never if not rule.at_most]),
    )


def render_card(card: Card) -> str:
    """The card as text. Nothing in it is escaped yet."""
    widest = max(len(name) for name, _ in card.facts)
    lines = [card.title, "=" * len(card.title), ""]
    lines += [f"{name.ljust(widest)}  {text}" for name, text in card.facts]
    lines += ["", f"Who must say yes ({SUPPOSED}; a time = undone after it)", ""]
    lines += draw_matrix(card.matrix)
    for title, told in (("At most", card.caps), ("Never", card.never)):
        lines += ["", title, *(f"  - {line}" for line in told or ("nothing is said",))]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def draw_matrix(matrix: Matrix) -> list[str]:
    """A block for each row of kinds, classes that are answered alike together, so that it fits a page of any width."""
    lines: list[str] = []
    for row in matrix.rows:
        alike: dict[str, list[str]] = {}
        for name, cell in zip(matrix.classes, row.cells, strict=True):
            alike.setdefault(cell, []).append(name)
        lines.append(", ".join(row.kinds))
        for cell, names in alike.items():
            lines.append(f"    {cell.ljust(_CELL)}  {', '.join(names) if len(alike) > 1 else 'every host'}")
    if matrix.left_out:
        lines.append(f"No room for the tags {', '.join(matrix.left_out)}: ask codered rules explain")
    return lines


def _tell_glass(book: RuleBook) -> str:
    if book.break_glass is None:
        return "nobody"
    within = show_duration(book.break_glass.review_within)
    return f"the {_name(book.break_glass.role)}, with a reason; everybody is told; reviewed within {within}"


def _tell_cap(rule: Rule) -> str:
    most = rule.at_most
    return f"{most.hosts} hosts in {show_duration(most.seconds)}: {', '.join(sorted(rule.kinds))}" if most else ""


def _cut(lines: list[str]) -> tuple[str, ...]:
    if len(lines) <= MOST_LINES:
        return tuple(lines)
    return (*lines[: MOST_LINES - 1], f"and {len(lines) - MOST_LINES + 1} more: codered rules show")


def _name(role: str) -> str:
    return role.replace("_", " ")
