"""What plans would change on how many hosts: as a table before anybody is asked, as a document of a dry run."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from codered.cli.output import say, show
from codered_hq.cli.tables import draw_table
from codered_hq.fleet.asking import Foreseen
from codered_hq.fleet.planning import Given, LeftOut, read_plan
from codered_hq.hosts.models import Host

DRY_RUN_FORMAT = "codered/fleet-dry-run/1"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Changes of one kind, for one pack, and on how many hosts."""

    kind: str
    pack: str
    number: int
    hosts: int


class NotMeant(msgspec.Struct, frozen=True, kw_only=True):
    """A host that is left out, and why."""

    host: str
    why: str


class RulesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules of engagement say of one kind of action on one host; `needs` are the roles that must say yes."""

    host: str
    kind: str
    answer: str
    rule: str
    why: str
    needs: tuple[str, ...] = ()


class DryRun(msgspec.Struct, frozen=True, kw_only=True):
    """`codered fleet apply --dry-run --json`: what would be sent to whom; nothing was."""

    format: str
    word: str
    hosts: tuple[str, ...]
    changes: tuple[Change, ...]
    left_out: tuple[NotMeant, ...]
    rules: tuple[RulesAnswer, ...] = ()


def list_changes(hosts: Sequence[Host], found: Given) -> tuple[Change, ...]:
    """Kinds of changes by pack."""
    changes: Counter[tuple[str, str]] = Counter()
    touched: dict[tuple[str, str], set[int]] = {}
    for host in hosts:
        if host.pk not in found.documents:
            continue
        for action in read_plan(found.documents[host.pk], host.label).actions:
            changes[action.kind, action.pack] += 1
            touched.setdefault((action.kind, action.pack), set()).add(host.pk)
    return tuple(
        Change(kind=kind, pack=pack, number=number, hosts=len(touched[kind, pack]))
        for (kind, pack), number in sorted(changes.items())
    )


def show_changes(hosts: Sequence[Host], found: Given, *, to_stderr: bool = False) -> None:
    """The table of them."""
    rows = [
        (each.kind.replace("_", " "), each.pack or "-", f"{each.number:,}", f"{each.hosts:,}")
        for each in list_changes(hosts, found)
    ]
    table = draw_table(("change", "threat", "how many", "hosts"), rows)
    if to_stderr:
        say(table.rstrip())
    else:
        show(table)


def draw_foreseen(foreseen: Sequence[Foreseen]) -> str:
    """What the rules say, a line for each host: the answer that decides."""
    rows = [
        (each.subject.name, verdict.answer, " and ".join(verdict.needs) or "-", verdict.rule, verdict.why)
        for each in foreseen
        for verdict in [each.strictest]
    ]
    return draw_table(("host", "answer", "needs the yes of", "rule", "why"), rows) if rows else ""


def show_dry_run(
    word: str, hosts: Sequence[Host], found: Given, left_out: Sequence[LeftOut], foreseen: Sequence[Foreseen] = ()
) -> None:
    """One document."""
    document = DryRun(
        format=DRY_RUN_FORMAT, word=word, hosts=tuple(host.label for host in hosts),
        changes=list_changes(hosts, found),
        left_out=tuple(NotMeant(host=each.host.label, why=each.why) for each in left_out),
        rules=tuple(
            RulesAnswer(
                host=each.subject.name, kind=kind, answer=verdict.answer, rule=verdict.rule, why=verdict.why,
                needs=verdict.needs,
            )
            for each in foreseen for kind, verdict in each.verdicts
        ),
    )  # fmt: skip
    show(msgspec.json.encode(document).decode() + "\n")
