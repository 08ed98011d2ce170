"""No changing path avoids the gate: who may call what, and a walk over every kind of change there is."""

import ast
import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codered.model.errors import AwaitingApproval, Refused
from codered.model.plan import ActionKind as PlanKind
from codered_hq.model.action import ACTION_KINDS, LOOKING, ActionKind
from tests.architecture.source_tree import HEADQUARTERS, SourceFile, demand_none, parse_file, read_source

if TYPE_CHECKING:
    from codered_hq.containment.models import Containment

HQ = "src/codered_hq/"
JOBS = "codered.model.job"
SEALERS = ("fleet/orders.py", "sweeps/bundling.py")  # bundles hold jobs of one word: sweep
CHANGES = {"apply", "rollback"}
ONLY_IN = {
    "Permit": ("gate/taking.py",),
    "put_many_in_place": ("containment/acting.py",),
    "put_all_in_place": ("devices/carrying_out.py", "devices/many.py"),
    "take_many_back": ("containment/acting.py",),
    "renew_one": ("containment/acting.py",),
    "stop_forbidden": ("fleet/running.py",),
}
"""Calls of these, and the only files that may hold them: devices are changed, jobs sealed and permits made nowhere
else.
"""
CHOSEN = {"fleet/ordering.py": "word", "fleet/schedules.py": "word"}
"""Where begin_run is given a word that is not written there: ordering asks the gate; schedules know no changing word
(see below), and rows of one would wait for a permit all the same.
"""


def find_calls(file: SourceFile) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield name, node


def list_strangers(source: tuple[SourceFile, ...]) -> list[str]:
    found = []
    for file in source:
        place = file.name.removeprefix(HQ)
        own = {node.name for node in file.tree.body if isinstance(node, ast.ClassDef)}  # a sweep has permits, too
        taken = [node for node in ast.walk(file.tree) if isinstance(node, ast.ImportFrom) and node.module == JOBS]
        if place not in SEALERS and any(each.name == "JOB_PURPOSE" for node in taken for each in node.names):
            found.append(f"{file.name}: jobs are sealed in fleet/orders.py")
        for name, call in find_calls(file):
            if name in set(ONLY_IN) - own and place not in ONLY_IN[name]:
                found.append(f"{file.name}:{call.lineno}: {name}() is only for {', '.join(ONLY_IN[name])}")
            if name == "begin_run":
                word = call.args[0]
                said = word.value if isinstance(word, ast.Constant) else getattr(word, "id", "?")
                if (said in CHANGES or not isinstance(word, ast.Constant)) and CHOSEN.get(place) != said:
                    found.append(f"{file.name}:{call.lineno}: begin_run({said!r}): changes begin in fleet/ordering.py")
    return found


def test_changes_are_begun_sealed_and_permitted_in_one_place_each() -> None:
    source = read_source(HEADQUARTERS)
    demand_none(list_strangers(source))
    called = {name for file in source for name, _ in find_calls(file)}
    assert set(ONLY_IN) <= called  # or this test looks for what is called otherwise now
    for text in (
        "begin_run('apply', [], wish, at)", "running.begin_run(word, [], wish, at)", "Permit('x')",
        "x.take_many_back()", "from codered.model.job import JOB_PURPOSE",
    ):  # fmt: skip
        assert list_strangers((parse_file(text, f"{HQ}fleet/queue.py", "codered_hq.fleet.queue"),)), text


def test_what_a_bundle_carries_is_a_sweep() -> None:
    (file,) = (each for each in read_source(HEADQUARTERS) if each.name.endswith("sweeps/bundling.py"))
    words = [
        key.value for name, call in find_calls(file) if name == "Job" for key in call.keywords if key.arg == "word"
    ]
    assert [getattr(word, "value", None) for word in words] == ["sweep"]


def test_schedules_know_no_word_that_changes() -> None:
    from codered_hq.cli.fleet import command

    words = next(option for option in command.commands["schedule"].commands["add"].params if option.name == "word")  # type: ignore[attr-defined]
    assert not CHANGES & set(words.type.choices)


@pytest.fixture
def headquarters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HQ", "STATE", "CACHE"):
        monkeypatch.setenv(f"CODERED_{name}", str(tmp_path / name.lower()))
    return tmp_path / "hq"


UNDO_RULES = {
    "never:\n": "never:\n  - id: undo-never\n    why: No.\n    do: [release, roll_back]\n    if: {tag: never_touch}\n"
    "  - id: undo-drill\n    why: No.\n    do: [release, roll_back]\n    if: {drill: yes}\n",
    "allow:\n": "allow:\n  - id: undo-vital\n    do: [release, roll_back]\n    if: {tag: vital}\n"
    "    needs: [executive, business]\n",
}
"""Undoing is allowed unless a rule names it: here rules do."""
CASES = {"never_touch": "refused", "no rules": "refused", "drill": "refused", "vital": "awaiting"}
BY_DEVICE: tuple[ActionKind, ...] = (
    "disable_port",
    "move_vlan",
    "block_address",
    "shut_vlan",
    "block_subnet",
    "release",
)


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES)
def test_a_walk_over_every_kind_changes_nothing_that_is_not_allowed(
    case: str, headquarters: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from codered_hq.gate.models import Decision, RulesInForce
    from codered_hq.ledger.models import LedgerEntry
    from tests.fixtures.gate_crew import declare
    from tests.fixtures.rules_in_force import put_sample_in_force, write_lax_rules

    raw = write_lax_rules().decode()
    for place, more in UNDO_RULES.items():
        raw = raw.replace(place, more, 1)
    put_sample_in_force(headquarters, raw.encode())
    walk = Walk(headquarters, monkeypatch, case, declare("exercise", drill=True).name if case == "drill" else "")
    if case == "no rules":
        RulesInForce.objects.all().delete()
    for kind in ACTION_KINDS:
        if kind in LOOKING:
            continue
        decisions, entries = Decision.objects.count(), LedgerEntry.objects.count()
        walk.go(kind)
        made = Decision.objects.latest("pk")
        assert (made.kind, made.state) == (kind, CASES[case]), kind
        assert Decision.objects.count() == decisions + 1, kind
        assert LedgerEntry.objects.count() == entries + 1, kind
        assert walk.touched == [], kind
    assert {"fleet", "device", "gate"} == set(walk.ways.values())
    assert len(walk.ways) == len(ACTION_KINDS) - len(LOOKING)


class Walk:
    """Asks for each kind of change by the way that headquarters has for it, and tries to carry it out."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, case: str, incident: str) -> None:
        from codered_hq.containment import acting
        from codered_hq.hosts.marking import mark_hosts
        from tests.fixtures.inventories import make_host
        from tests.fixtures.played_fleets import PlayedFleet, PlayedHost, answered

        self.folder, self.incident, self.monkeypatch = folder, incident, monkeypatch
        self.host = make_host("there", "10.1.0.1")
        mark_hosts([self.host], (case,) if case in ("never_touch", "vital") else (), ())
        self.held = self.hold()
        self.touched: list[Any] = []
        self.ways: dict[str, str] = {}
        self.fleet = PlayedFleet(PlayedHost("there", lambda host, *job: answered(host.answer(*job))))
        self.fleet.calls = self.touched
        for name in ("put_many_in_place", "take_many_back", "open_driver"):
            monkeypatch.setattr(acting, name, self.touch)
        table = json.loads(files("codered_hq.fleet").joinpath("plan_kinds.json").read_bytes())
        self.plan_kinds: dict[str, PlanKind] = {known: kind for kind, known in table.items()}

    def touch(self, *given: object) -> list[object]:
        """A device would be asked or changed."""
        self.touched.append(given)
        return []

    def go(self, kind: ActionKind) -> None:
        if kind in self.plan_kinds or kind == "roll_back":
            self.ways[kind] = "fleet"
            self.change_host(kind)
        elif kind in BY_DEVICE:
            self.ways[kind] = "device"
            self.change_device(kind)
        else:
            self.ways[kind] = "gate"
            self.ask_alone(kind)

    def change_host(self, kind: ActionKind) -> None:
        from codered_hq.fleet.ordering import order_change
        from codered_hq.fleet.orders import Wish
        from codered_hq.fleet.running import carry_on
        from tests.fixtures.changes_asked import ask_as, document_kinds
        from tests.fixtures.played_fleets import now, quiet

        word = "rollback" if kind == "roll_back" else "apply"
        plans = {self.host.pk: document_kinds(self.plan_kinds.get(kind, "quarantine_file"))}
        asker = ask_as("kim", now(), self.incident)
        run = order_change(word, [self.host], plans, Wish(incident=self.incident), asker)  # type: ignore[arg-type]
        carry_on(run, self.fleet.means(self.folder), quiet)
        assert run.hosts.get().state in ("refused", "awaiting")

    def change_device(self, kind: ActionKind) -> None:
        from codered_hq.config import Config
        from codered_hq.containment import acting
        from codered_hq.containment.aiming import Aim
        from codered_hq.containment.asking import ask_aimed, ask_release
        from codered_hq.containment.goals import Goal, Wish
        from codered_hq.incidents.subjects import make_subject
        from codered_hq.model.device import ControlOrder
        from tests.fixtures.gate_crew import ASKER
        from tests.fixtures.played_fleets import now

        wish = Wish(incident=self.incident)
        if kind == "release":
            decision = ask_release([self.held], wish, ASKER, now())
        else:
            order = ControlOrder(kind=kind, device="sw1", label="x", port="1")  # type: ignore[arg-type]
            found = Aim(kind, "port sw1 1", (order,), (make_subject(self.host),))
            self.monkeypatch.setattr(acting, "aim", lambda *_given: found)
            decision = ask_aimed(Goal(do="port", switch="sw1", port="1"), found, wish, ASKER, now()).decision
        with pytest.raises((Refused, AwaitingApproval)):
            acting.carry_out(decision, Config(), self.folder, now())

    def ask_alone(self, kind: ActionKind) -> None:
        from codered_hq.gate.asking import ask
        from codered_hq.gate.taking import take
        from codered_hq.incidents.subjects import make_subject
        from tests.fixtures.gate_crew import ASKER, wish
        from tests.fixtures.played_fleets import now

        request = wish(make_subject(self.host), kind=kind, incident=self.incident, at=now())
        decision = ask(request, {}, ASKER)
        with pytest.raises((Refused, AwaitingApproval)):
            take(decision, request, now())

    def hold(self) -> "Containment":
        """A containment that holds this host."""
        from codered_hq.containment.models import Containment
        from codered_hq.gate.models import Decision
        from tests.fixtures.played_fleets import now

        asked = {"subjects": [{"host": self.host.pk, "name": "there"}]}
        decision = Decision(uid="d" * 32, kind="disable_port", target="x", request=asked, at=now(), state="taken")
        decision.save()
        return Containment.objects.create(
            uid="c" * 32, decision=decision, kind="disable_port", device="sw1", order={}, requested_by="x",
            begun_at=now(), state="holding",
        )  # fmt: skip
