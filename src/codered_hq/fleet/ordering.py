"""The one door through which changes go to hosts: every apply and every rollback is ordered here, and nowhere else."""

import uuid
from collections.abc import Iterable, Sequence

from django.db import transaction

from codered.model.errors import WrongUse
from codered_hq.fleet.asking import Asker, Bundle, ChangingWord, ask_for, read_change
from codered_hq.fleet.models import FleetRun, HostRun
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.permitting import AWAITING, refuse, tell_end, tell_missing
from codered_hq.fleet.running import PlanDocument, begin_run
from codered_hq.gate.expiring import expire
from codered_hq.hosts.models import TEXT, Host


def order_change(
    word: ChangingWord, hosts: Sequence[Host], plans: dict[int, PlanDocument], wish: Wish, asker: Asker
) -> FleetRun:
    """A run that changes hosts, each by exactly the plan that is stored for it, after the gate was asked. Nothing is
    sent yet: hosts wait for their permits, and those that the rules refuse have the reason in their row. If exactly
    this is asked for in a run already, that run is given. Raises Refused for a plan that is not what it was, and
    WrongUse for a host without one: then there is no run.
    """
    if not hosts:
        raise WrongUse("there is nothing to change", advice="codered fleet plan makes plans")
    for host in hosts:
        if host.pk not in plans:
            raise WrongUse("there is no plan for it", where=host.label, advice="codered fleet plan makes one")
    stored = {host.pk: (host.label, plans[host.pk].plan, plans[host.pk].digest) for host in hosts}
    change = read_change(word, stored)
    expire(asker.at)
    with transaction.atomic():
        uid = uuid.uuid4().hex
        bundles = ask_for(change, hosts, asker, uid)
        runs = {bundle.run for bundle in bundles}
        if len(runs) == 1 and uid not in runs:
            return FleetRun.objects.get(uid=runs.pop())
        run = begin_run(word, hosts, wish, asker.at, plans)
        run.uid = uid
        run.save(update_fields=["uid"])
        _note_answers(run, bundles, asker)
    return run


def _note_answers(run: FleetRun, bundles: Iterable[Bundle], asker: Asker) -> None:
    for bundle in bundles:
        rows = run.hosts.filter(host__in=bundle.hosts)
        if bundle.run != run.uid:
            reason = f"the same is under way already: run {bundle.run[:8]}"
            rows.update(state="given_up", reason=reason, ended=asker.at)
        elif (stopped := bundle.stopped) is not None:
            refuse(rows, tell_end(stopped), asker.at)
        elif any(decision.state == AWAITING for decision in bundle.decisions):
            rows.update(reason=tell_missing(bundle, asker.at)[:TEXT])
    if not HostRun.objects.filter(run=run, state=AWAITING).exists():
        run.state, run.ended = "done", asker.at
        run.save(update_fields=["state", "ended"])
