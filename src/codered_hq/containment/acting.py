"""Carrying out what the gate allowed, and taking it back. Nobody else changes a device: each change has its permit.

Begun rows are in the database, and the state before on disk, before a device is touched; so a crash anywhere can be
settled by reading the device (containment.settling).
"""

import math
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
from django.db import transaction

from codered.model.errors import CodeRedError, WrongUse
from codered_hq.config import Config
from codered_hq.containment import journal, rows, sharing
from codered_hq.containment.aiming import Surroundings, aim
from codered_hq.containment.asking import make_release_request, make_request, read_wish
from codered_hq.containment.goals import read_order
from codered_hq.containment.machines import list_addresses
from codered_hq.containment.models import Containment
from codered_hq.containment.notices import tell_stuck
from codered_hq.containment.proving import ask_all, find_patience, tell_proof, tell_return
from codered_hq.containment.turns import take_turn
from codered_hq.devices.carrying_out import Prepared
from codered_hq.devices.carrying_out import is_in_place as says_ordered
from codered_hq.devices.drivers import open_driver
from codered_hq.devices.keeping import KeptOrder, forget_done, hand_over, start_keeper, withdraw
from codered_hq.devices.many import OrderResult, put_many_in_place, renew_one, take_many_back
from codered_hq.gate.models import Decision
from codered_hq.gate.taking import release_reservation, take
from codered_hq.model.action import ActionRequest
from codered_hq.model.device import Controlled, ControlOrder, ControlState, DeviceFailed, NotTakenBack, Timer
from codered_hq.opening import be_patient
from codered_hq.sweeps.models import SweptAddress

KEEPER_FOLDER = "keeper"
SOMEBODY = "somebody else"
AT_ONCE = 16  # machines
SHORTEST = 15
"""Seconds: no timer of a device rings before its change is read back and proven. The keeper is on time all the same."""


class Outcome(NamedTuple):
    """What came of one decision: its containments, or why nothing was done. `fresh` False = it was done before."""

    decision: Decision
    rows: list[Containment]
    error: CodeRedError | None = None
    addresses: tuple[str, ...] = ()
    releases: bool = False
    fresh: bool = True


def carry_out(decision: Decision, config: Config, folder: Path, at: datetime) -> list[Containment]:
    """Do what was allowed; what came of it is in the rows' states. Raises Refused, AwaitingApproval, WrongUse."""
    (outcome,) = carry_out_all([decision], Surroundings(config), folder, at)
    if outcome.error is not None:
        raise outcome.error
    return outcome.rows


def carry_out_all(decisions: Iterable[Decision], around: Surroundings, folder: Path, at: datetime) -> list[Outcome]:
    """Do what was allowed, all devices at once; one that fails keeps nothing else from being done."""
    with take_turn(folder):
        outcomes = [_begin(each, around, at) for each in decisions]
        _change([each for each in outcomes if each.fresh and not each.releases], around.config, folder, at)
        for each in outcomes:
            if each.releases and each.fresh:
                undo(each.rows, each.decision.requested_by, around.config, folder, at)
        return outcomes


def undo(found: Sequence[Containment], who: str, config: Config, folder: Path, at: datetime) -> None:
    """Take these back; what can't be now is stuck, and tried again by `codered work`."""
    with take_turn(folder):
        held = [row for row in found if row.state in ("holding", "undoing", "stuck")]
        for row in held:
            row.state = "undoing"
            be_patient(row.save)
        held = sharing.pass_on(held, who, _find_means(config, folder, at))
        held = [row for row in held if not _look_at_unknown(row, config, folder, at)]
        results = take_many_back(config.devices, [(rows.read_order_of(row), _read_before(row)) for row in held])
        told = _prove_return(results, held) if who != rows.WORKER else {}
        for row, result in zip(held, results, strict=True):
            if isinstance(result.answer, Controlled):
                undoer = _find_undoer(row, result.answer, who, at)
                rows.note_undone(row, undoer, at, _tell_touched(result.answer), told.get(row.uid, ""))
                forget(row, folder)
            elif rows.note_stuck(row, str(result.answer), at):
                tell_stuck(row, at)


def forget(row: Containment, folder: Path) -> None:
    """The keeper and the journal have nothing to do with it any more."""
    withdraw(folder / KEEPER_FOLDER, row.uid)
    forget_done(folder / KEEPER_FOLDER, row.uid)
    journal.drop(folder, row.uid)


def _look_at_unknown(row: Containment, config: Config, folder: Path, at: datetime) -> bool:
    """Of what nobody knows how it was before, a person must take care; it is over once the device says so."""
    if row.before.get("values"):
        return False
    try:
        why = row.error if is_in_place(row, None, config) else ""
    except (DeviceFailed, CodeRedError) as error:
        why = str(error)
    if not why:
        rows.note_undone(row, SOMEBODY, at, "what was so before was not known")
        forget(row, folder)
    elif rows.note_stuck(row, why, at):
        tell_stuck(row, at)
    return True


def is_in_place(row: Containment, before: ControlState | None, config: Config) -> bool:
    """Whether the device says now what was ordered; with no state before, whether anything of it. Raises DeviceFailed
    and WrongUse.
    """
    order = rows.read_order_of(row)
    device = next((each for each in config.devices if each.name == row.device), None)
    if device is None:
        raise WrongUse("is not in headquarters.toml any more", where=row.device, advice="enter it under [[devices]]")
    driver = open_driver(device)
    try:
        return says_ordered(driver, order, before)
    finally:
        driver.close()


def take_back_quietly(row: Containment, before: ControlState, config: Config) -> OrderResult:
    """What a crash left half done is taken back; nothing is written down here."""
    (result,) = take_many_back(config.devices, [(rows.read_order_of(row), before)])
    return result


def _begin(decision: Decision, around: Surroundings, at: datetime) -> Outcome:
    """The permit is taken, and the rows are there. Judged on what is true now."""
    try:
        goal = read_order(decision)
        if goal.do == "release":
            named = list(Containment.objects.filter(uid__in=goal.uids).select_related("decision", "host"))
            if decision.state == "taken":
                return Outcome(decision, named, releases=True, fresh=False)
            request = make_release_request(named, goal, read_wish(decision), decision.requested_by, at)
            be_patient(lambda: _begin_release(decision, request, named, at))
            return Outcome(decision, named, releases=True)
        if decision.state == "taken":
            return Outcome(decision, list(decision.containments.order_by("pk")), fresh=False)
        found = aim(goal, around)
        permit = take(decision, make_request(found, read_wish(decision), decision.requested_by, at), at)
        return Outcome(decision, rows.make_rows(decision, permit, found, goal, at), addresses=found.addresses)
    except CodeRedError as error:
        return Outcome(decision, [], error)


def _begin_release(decision: Decision, request: ActionRequest, named: Sequence[Containment], at: datetime) -> None:
    """The permit and the rows together: if we die now, they are taken back by whoever settles."""
    refused: CodeRedError | None = None
    with transaction.atomic():
        try:
            take(decision, request, at)
        except CodeRedError as error:  # what became of the decision is to be stored
            refused = error
        for row in named:
            if refused is None and row.state in ("holding", "stuck"):
                row.state = "undoing"
                row.save()
    if refused is not None:
        raise refused


def _change(outcomes: Sequence[Outcome], config: Config, folder: Path, at: datetime) -> None:
    addresses = {each for outcome in outcomes if outcome.rows for each in outcome.addresses}
    ports = _find_ports(addresses)
    begin = time.monotonic()
    before = ask_all(addresses, ports)
    patience = find_patience(time.monotonic() - begin)
    answers = _give_orders([row for outcome in outcomes for row in outcome.rows], config, folder, at)
    after = ask_all([each for each, answered in before.items() if answered], ports, patience)
    for outcome in outcomes:
        proof = tell_proof(before, after, outcome.addresses)
        for row in outcome.rows:
            _note(row, answers[row.uid], proof, folder, at)
        if outcome.rows and all(row.state == "failed" for row in outcome.rows):
            release_reservation(outcome.decision)
    for row in (row for outcome in outcomes for row in outcome.rows if row.state == "holding"):
        row.refresh_from_db()
        sharing.keep_longest(row, _find_means(config, folder, at))


def _give_orders(begun: Sequence[Containment], config: Config, folder: Path, at: datetime) -> dict[str, OrderResult]:
    """All devices at once; those that are taken back together are ordered together. Raises OSError where what is about
    to be done can't be noted: then it is not done.
    """
    named = {row.uid[: rows.LABEL]: row for row in begun}
    turn = threading.Lock()

    def prepare(order: ControlOrder, before: ControlState, backup: bytes) -> None:
        row = named[order.label]
        journal.note(folder, row.uid, journal.Begun(order=order, before=before, backup=backup, undo_at=row.undo_at))
        if row.undo_at is not None and config.exercise != "simulated":  # what is played ends by itself
            keeper = folder / KEEPER_FOLDER
            hand_over(keeper, KeptOrder(uid=row.uid, order=order, before=before, undo_at=row.undo_at))
            with turn:
                start_keeper(keeper)

    results: list[OrderResult] = []
    for some in sharing.split_rounds(begun):
        results += _give_round(some, config, prepare, at)
    return {named[one.order.label].uid: one for one in results}


def _give_round(some: Sequence[Containment], config: Config, prepare: Prepared, at: datetime) -> Iterator[OrderResult]:
    groups: dict[int, list[ControlOrder]] = {}
    for row in some:
        seconds = max(SHORTEST, math.ceil((row.undo_at - at).total_seconds())) if row.undo_at else 0
        groups.setdefault(seconds, []).append(rows.read_order_of(row))
    for seconds, orders in groups.items():
        yield from put_many_in_place(config.devices, orders, seconds, prepare)


def _find_means(config: Config, folder: Path, at: datetime) -> sharing.Means:
    def renew(order: ControlOrder, before: ControlState, seconds: int) -> Timer | DeviceFailed | WrongUse:
        return renew_one(config.devices, order, before, seconds)

    return sharing.Means(renew, folder / KEEPER_FOLDER, at)


def _note(row: Containment, result: OrderResult, proof: str, folder: Path, at: datetime) -> None:
    answer = result.answer
    if isinstance(answer, Controlled):
        rows.note_held(row, answer, proof if answer.changed else f"it was so before; {proof}", at)
        journal.drop(folder, row.uid)
    elif isinstance(answer, NotTakenBack):
        if (noted := journal.recall(folder, row.uid)) is not None:
            row.before = msgspec.to_builtins(noted.before)
        if rows.note_stuck(row, str(answer), at):
            tell_stuck(row, at)
    else:
        rows.note_failed(row, str(answer), at)
        forget(row, folder)


def _prove_return(results: Sequence[OrderResult], held: Sequence[Containment]) -> dict[str, str]:
    """What is known of those that a person has taken back, each machine by itself and all at once."""
    back = [
        (row.uid, _list_addresses(row))
        for row, result in zip(held, results, strict=True)
        if isinstance(result.answer, Controlled) and not result.answer.touched
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip([uid for uid, _ in back], pool.map(tell_return, [each for _, each in back]), strict=True))


def _list_addresses(row: Containment) -> tuple[str, ...]:
    subjects = row.decision.request.get("subjects", ())
    hosts = [row.host_id] if row.host_id else [int(each["host"]) for each in subjects if each.get("host")]
    return list_addresses(hosts)


def _read_before(row: Containment) -> ControlState:
    return ControlState(values=dict(row.before.get("values") or {}))


def _find_undoer(row: Containment, done: Controlled, who: str, at: datetime) -> str:
    """Whoever asks now, or who was first: what was as before already, somebody took back."""
    if done.changed or done.touched or row.before.get("changed") is False:
        return who
    due = row.undo_at is not None and row.undo_at <= at
    return rows.TIMER_OF_DEVICE if due and any(each[0] == "device" for each in row.timer) else SOMEBODY


def _tell_touched(done: Controlled) -> str:
    if not done.touched:
        return ""
    return f"changed by somebody else meanwhile, and left so: {', '.join(done.touched)[:150]}"


def _find_ports(addresses: Iterable[str]) -> dict[str, list[int]]:
    """Ports that the last sweep saw open there."""
    found: dict[str, list[int]] = {}
    rows_ = SweptAddress.objects.filter(address__in=sorted(addresses)[:500]).order_by("at")
    for address, ports in rows_.values_list("address", "ports"):
        found[address] = [int(each["port"]) for each in ports if each.get("state") == "open" and each.get("port")]
    return found
