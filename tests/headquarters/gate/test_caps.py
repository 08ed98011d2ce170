"""Counting what was touched."""

from pathlib import Path

import pytest

from codered_hq.gate.asking import ask
from codered_hq.gate.caps import count_again, explain_full_cap, measure_caps, release, reserve, say_seconds
from codered_hq.gate.models import Decision, Reservation
from codered_hq.gate.taking import take
from codered_hq.gate.target_sets import list_counted
from codered_hq.model.action import Cap
from tests.fixtures.gate_crew import ASKER, HOUR, MINUTE, NOW, machine, wish
from tests.fixtures.rules_in_force import put_sample_in_force

CAP = Cap(rule="cap", why="Enough.", kinds=("isolate_host", "disable_port"), hosts=3, seconds=3600)


@pytest.mark.django_db
def test_machines_count_once_within_the_window_and_not_when_released() -> None:
    decision = ask(wish(machine(1)), {}, ASKER)
    Decision.objects.update(kind="isolate_host")
    decision.refresh_from_db()
    reserve(decision, ["#1", "#2"], NOW)
    reserve(decision, ["#2"], NOW + MINUTE)
    assert explain_full_cap([CAP], ["#3"], NOW + MINUTE) is None
    assert explain_full_cap([CAP], ["#1", "#2", "#3"], NOW + MINUTE) is None
    more = "Enough. (2 of 3 in the last hour; this would be 2 more)"
    assert explain_full_cap([CAP], ["#2", "#3", "#4"], NOW + MINUTE) == ("cap", more)
    reserve(decision, ["#3"], NOW + MINUTE)
    assert explain_full_cap([CAP], ["#4"], NOW + MINUTE) == ("cap", "Enough. (3 of 3 in the last hour)")
    assert explain_full_cap([CAP], ["#4"], NOW + HOUR) is None  # "#1" is an hour old; "#2" was touched again
    Decision.objects.update(kind="reboot")
    assert explain_full_cap([CAP], ["#1"], NOW + MINUTE) is None
    assert release(decision) == 4 == Reservation.objects.filter(released=True).count()
    assert explain_full_cap([CAP], ["#4", "#5", "#6"], NOW + MINUTE) is None
    Decision.objects.update(kind="scan")
    decision.refresh_from_db()
    reserve(decision, ["#9"], NOW)
    assert not Reservation.objects.filter(machine="#9").exists()


@pytest.mark.django_db
def test_what_is_touched_late_is_counted_late_and_one_by_one() -> None:
    decision = ask(wish(machine(1)), {}, ASKER)
    reserve(decision, ["#1", "#2", "#3", "#4"], NOW)
    release(decision)
    full = count_again(decision, {"#1": [CAP], "#2": [CAP], "#9": []}, NOW + 30 * MINUTE)
    assert full == {}
    full = count_again(decision, {"#2": [CAP], "#3": [CAP], "#4": [CAP]}, NOW + HOUR)
    assert full == {"#4": ("cap", "Enough. (3 of 3 in the last hour)")}
    counted = Reservation.objects.filter(released=False).order_by("machine").values_list("machine", "at")
    assert list(counted) == [("#1", NOW + 30 * MINUTE), ("#2", NOW + HOUR), ("#3", NOW + HOUR)]


@pytest.mark.django_db
def test_ports_and_networks_where_nobody_knows_a_machine_cost_one_each(headquarters: Path) -> None:
    put_sample_in_force(headquarters, cap=2)
    ports = [wish(kind="disable_port", target=f"port sw1 {number}") for number in range(3)]
    decisions = [ask(port, {}, ASKER) for port in ports]
    assert [each.state for each in decisions] == ["allowed", "allowed", "refused"]
    counted = Reservation.objects.values_list("machine", flat=True)
    assert {*counted} == {*list_counted(ports[0]), *list_counted(ports[1])}
    assert ask(wish(machine(1)), {}, ASKER).rule == "cut-cap"
    assert take(decisions[0], ports[0], NOW).target == "port sw1 0"


def test_spans_as_people_say_them() -> None:
    said = [say_seconds(seconds) for seconds in (3600, 7200, 86400, 1800, 60, 90, 1, 0)]
    assert said == ["hour", "2 hours", "day", "30 minutes", "minute", "90 seconds", "second", "0 seconds"]


@pytest.mark.django_db
def test_each_cap_of_the_rules_tells_what_is_left_of_it(headquarters: Path) -> None:
    book = put_sample_in_force(headquarters, cap=2).book
    assert [(used.cap.rule, used.counted, used.left) for used in measure_caps(book, NOW)] == [("cut-cap", 0, 2)]
    for number in (1, 2):
        ask(wish(machine(number)), {}, ASKER)
    assert [(used.counted, used.left) for used in measure_caps(book, NOW + MINUTE)] == [(2, 0)]
    assert [(used.counted, used.left) for used in measure_caps(book, NOW + 2 * HOUR)] == [(0, 2)]
