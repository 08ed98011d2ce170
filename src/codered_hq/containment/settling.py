"""What a crash left, what the keeper did, and what is due: the rows learn how it is."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from django.db.models import Q, QuerySet

from codered.model.errors import CodeRedError
from codered_hq.config import Config
from codered_hq.containment import journal, rows
from codered_hq.containment.acting import KEEPER_FOLDER, forget, is_in_place, take_back_quietly, undo
from codered_hq.containment.goals import HELD, WORD
from codered_hq.containment.models import Containment
from codered_hq.containment.notices import tell_stuck
from codered_hq.containment.turns import take_turn
from codered_hq.devices.keeping import KeptResult, forget_done, is_kept, read_done, read_failing, start_keeper
from codered_hq.devices.kept_orders import DUE, NoOrder, list_names, read_kept
from codered_hq.gate.models import Decision
from codered_hq.gate.taking import release_reservation
from codered_hq.ledger.writing import enter
from codered_hq.model.device import Controlled, DeviceFailed
from codered_hq.opening import be_patient

AGAIN = timedelta(seconds=30)
Rows = QuerySet[Containment]


def settle(config: Config, folder: Path, at: datetime) -> list[str]:
    """Settle what is not as its row says, and take back what is due; a line for each that changed."""
    every = Containment.objects.all()
    with take_turn(folder):
        steps = (_revive_keeper(folder), _hear_keeper(folder), _settle_begun(every, config, folder, at),
                 _settle_unbegun(), _undo_due(every, config, folder, at))  # fmt: skip
        return [line for step in steps for line in _safely(step)]


def hear(folder: Path) -> list[str]:
    """What is known without asking a device: what the keeper did, and what was never begun. Nothing if somebody else is
    at work.
    """
    with take_turn(folder, wait=False) as free:
        return [*_hear_keeper(folder), *_settle_unbegun()] if free else []


def tell_keeping(folder: Path) -> list[str]:
    """What is wrong with the keeper, and what it can't take back; nothing if all is well. No device is asked."""
    keeper = folder / KEEPER_FOLDER
    dead = list_names(keeper / DUE) and not is_kept(keeper)
    lines = ["the keeper is not running: codered work starts it again"] if dead else []
    return lines + [f"the keeper can't take back {one.uid[:8]} on {one.device}: {one.message} (tried {one.tries} times)"
                    for one in read_failing(keeper)]  # fmt: skip


def settle_only(found: Iterable[Containment], config: Config, folder: Path, at: datetime) -> list[str]:
    """Settle these alone, so that no other device is waited for; what is stuck is left to `codered work`."""
    if not (keys := [row.pk for row in found if row.state != "stuck"]):
        return []
    some = Containment.objects.filter(pk__in=keys)
    with take_turn(folder):
        return [*_settle_begun(some, config, folder, at), *_undo_due(some, config, folder, at)]


def _hear_keeper(folder: Path) -> Iterator[str]:
    """What the keeper took back while nobody of us was there."""
    keeper = folder / KEEPER_FOLDER
    for result in read_done(keeper):
        row = Containment.objects.filter(uid=result.uid).select_related("decision", "host").first()
        if row is not None and row.state in HELD and result.outcome != "broken":
            timed = result.outcome == "already" and any(each[0] == "device" for each in row.timer)
            rows.note_undone(row, rows.TIMER_OF_DEVICE if timed else rows.KEEPER, result.at, result.message)
            journal.drop(folder, row.uid)
            yield f"{rows.describe(row)}: taken back by {row.undone_by}"
        elif row is None or result.outcome == "broken":
            yield _tell_keeper(result, row)
        forget_done(keeper, result.uid)


def _tell_keeper(result: KeptResult, row: Containment | None) -> str:
    """What the keeper says of what nobody here knows, or of an order that it can't use, is not forgotten unheard."""
    what = rows.describe(row) if row is not None else f"containment {result.uid[:8]}, which is not known here"
    said = f"keeper: {what} on {result.device or 'a device that is not known'}: {result.outcome} {result.message}"
    kind, about = "failed" if result.outcome == "broken" else "undo", msgspec.to_builtins(result)
    enter(kind, rows.KEEPER, said.strip(), result.at, incident=row.incident if row else "", detail=about)
    return said.strip()


def _revive_keeper(folder: Path) -> Iterator[str]:
    """One that was killed, or ended with the machine, is started again."""
    keeper = folder / KEEPER_FOLDER
    if list_names(keeper / DUE) and start_keeper(keeper):
        yield "the keeper was not running, and is again"


def _safely(lines: Iterator[str]) -> Iterator[str]:
    """One step that fails keeps no other from being done."""
    try:
        yield from lines
    except (CodeRedError, DeviceFailed, OSError, ValueError, TypeError, msgspec.MsgspecError) as error:
        yield f"failed, tried again: {error}"


def _settle_begun(some: Rows, config: Config, folder: Path, at: datetime) -> Iterator[str]:
    """Nobody works at these any more: it is our turn. What the device says counts."""
    begun = some.filter(Q(next_try=None) | Q(next_try__lte=at), state="begun")
    for row in begun.select_related("decision", "host"):
        try:
            _settle_one(row, config, folder, at)
        except (DeviceFailed, CodeRedError) as error:
            row.error, row.next_try = str(error)[:255], at + AGAIN
            be_patient(row.save)
            yield f"{rows.describe(row)}: not known whether it is in place: {error}"
            continue
        if row.state != "stuck":
            (journal.drop if row.state == "holding" else _forget)(folder, row.uid)
        if not row.decision.containments.exclude(state="failed").exists():
            release_reservation(row.decision)
        yield f"{rows.describe(row)}: {row.state}"


def _forget(folder: Path, uid: str) -> None:
    forget(Containment.objects.get(uid=uid), folder)


def _settle_one(row: Containment, config: Config, folder: Path, at: datetime) -> None:
    """By what is on disk; without it, by what the device says: nothing is called undone, or given up, unseen."""
    unread = ""
    try:
        noted = journal.recall(folder, row.uid)
    except journal.Unreadable as error:
        noted, unread = None, f"what was noted before it can't be read ({error})"
    if noted := noted or _find_kept(folder, row.uid):
        _settle_noted(row, noted, config, at)
    elif unread or is_in_place(row, None, config):
        why = unread or "broken off, and in place on the device"
        if rows.note_stuck(row, f"{why}: what was so before is not known, look at it", at):
            tell_stuck(row, at)
    else:
        rows.note_failed(row, "broken off before anything was changed", at)


def _find_kept(folder: Path, uid: str) -> journal.Begun | None:
    """The keeper was told of the state before, too."""
    try:
        kept = read_kept(folder / KEEPER_FOLDER, f"{uid}.json")
    except (NoOrder, FileNotFoundError):
        return None
    return journal.Begun(order=kept.order, before=kept.before, undo_at=kept.undo_at)


def _settle_noted(row: Containment, noted: journal.Begun, config: Config, at: datetime) -> None:
    if is_in_place(row, noted.before, config):
        held = Controlled(before=noted.before, after=noted.before, backup=noted.backup)
        rows.note_held(row, held, "not proven: it was broken off, and found in place", at)
        return
    answer = take_back_quietly(row, noted.before, config).answer  # some of it may be there
    if isinstance(answer, Controlled):
        rows.note_failed(row, "broken off in the middle, and taken back", at)
        return
    row.before = {"values": noted.before.values}
    if rows.note_stuck(row, str(answer), at):
        tell_stuck(row, at)


def _settle_unbegun() -> Iterator[str]:
    """A permit was taken and nothing begun: its machines are not counted."""
    found = Decision.objects.filter(state="taken", containments=None, order__word=WORD, reservations__released=False)
    for decision in found.exclude(kind="release").distinct():
        release_reservation(decision)
        yield f"{decision.kind} {decision.target}: broken off before anything was begun; ask again"


def _undo_due(some: Rows, config: Config, folder: Path, at: datetime) -> Iterator[str]:
    due = Q(state="holding", undo_at__lte=at) | Q(state="undoing") | Q(state="stuck", next_try__lte=at)
    found = list(some.filter(due).select_related("decision", "host").order_by("pk"))
    undo(found, rows.WORKER, config, folder, at)
    for row in found:
        if row.state == "undone":
            yield f"{rows.describe(row)}: taken back by {row.undone_by}" + (f"; {row.error}" if row.error else "")
        else:
            yield f"{rows.describe(row)}: CAN'T BE TAKEN BACK, tried again: {row.error}"
