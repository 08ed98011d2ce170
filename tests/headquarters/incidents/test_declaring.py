"""Declaring, moving on, changing, closing."""

import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.incidents.declaring import Change, Declaration, Left, change, close_incident, declare, move_to
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.gate_crew import ASKER, HOUR, NOW, join

pytestmark = pytest.mark.django_db


def test_declared_led_and_closed() -> None:
    made = declare(Declaration("out-1", " Worm ", ("codered2",), "critical", report_every=7200), ASKER, NOW)
    assert (made.title, made.step, made.packs, made.next_report_at) == ("Worm", "detect", ["codered2"], NOW + 2 * HOUR)
    first = made.tasks.count()
    assert first > 4
    opened = move_to(made, "contain", ASKER, NOW)
    assert made.tasks.filter(step="contain").count() == opened > 4
    assert made.tasks.filter(action="block", target="codered2 tcp/80 out").exists()
    assert move_to(made, "contain", ASKER, NOW) == 0
    assert (move_to(made, "detect", ASKER, NOW), made.step) == (0, "detect")  # back, and nothing is asked for twice
    said = Change(severity="low", impact={"Sales": "no shop", "Plant": "stands"}, report_every=600)
    assert change(made, said, ASKER, NOW) == ("impact", "next_report_at", "report_every_seconds", "severity")
    assert change(made, Change(impact={"Plant": "", "Nowhere": ""}), ASKER, NOW) == ("impact",)
    assert (made.impact, change(made, Change(severity="low"), ASKER, NOW)) == ({"Sales": "no shop"}, ())
    with pytest.raises(Refused, match="can't be closed: one; two"):
        close_incident(made, Left(("one", "two")), ASKER, NOW)
    join("ann", "legal", incident=made)
    close_incident(made, Left(), ASKER, NOW + HOUR)
    assert (made.closed_at, made.next_report_at) == (NOW + HOUR, None)
    assert not made.tasks.exclude(state="dropped").exists()
    assert not made.duties.filter(until=None).exists()
    kinds = list(LedgerEntry.objects.filter(kind="incident").order_by("seq").values_list("what", flat=True))
    assert kinds[0] == "incident out-1 declared: Worm"
    assert kinds[-1] == "incident out-1 closed"
    left = declare(Declaration("two", "Worm"), ASKER, NOW)
    close_incident(left, Left(("1 infected: x",), "it was sold"), ASKER, NOW)
    last = LedgerEntry.objects.filter(kind="incident").order_by("seq").last()
    assert last
    assert last.what == "incident two closed although: 1 infected: x (why: it was sold)"


def test_what_can_not_be_declared() -> None:
    good = Declaration("one", "Worm", drill=True)
    made = declare(good, ASKER, NOW)
    assert (made.drill, made.tasks.filter(action="drill-marks").count()) == (True, 1)
    assert not made.tasks.filter(action="message-executives").exists()  # nobody outside is told of a drill
    for bad in (
        good, good._replace(name="../x"), good._replace(name="x\n"), good._replace(name=""),
        good._replace(name="two", title=" "), good._replace(name="two", title="x" * 256),
        good._replace(name="two", packs=("no-such-pack",)), good._replace(name="two", report_every=1),
        good._replace(name="two", report_every=10**9),
    ):  # fmt: skip
        with pytest.raises(WrongUse):
            declare(bad, ASKER, NOW)
    with pytest.raises(WrongUse, match="no step"):
        move_to(made, "party", ASKER, NOW)  # type: ignore[arg-type]
    for impact in ({"=x": "y"}, {"A": "x" * 3000}, {f"Area {number}": "x" for number in range(41)}):
        with pytest.raises(WrongUse):
            change(made, Change(impact=impact), ASKER, NOW)
