import os
import re
import subprocess

import pytest

from codered.export.plans import render_plan
from codered.model.errors import Refused
from codered.model.firewall import FirewallOrder, FirewallState, Session
from codered.model.plan import digest_plan
from codered.model.process import ProcessId
from codered.remediate.plan_containment import make_containment_plan
from tests.fixtures.children import SHELL, STUBBORN, Children, LiveTarget
from tests.fixtures.firewalls import WEB

SESSION = Session(local="10.0.0.1", local_port=22, remote="10.0.0.2", remote_port=5000)


def test_a_sealed_plan_with_the_firewall_first(live: LiveTarget, children: Children) -> None:
    process = children.start(SHELL, "-c", STUBBORN)
    order = FirewallOrder(sessions=(SESSION,), confirm_within=60)
    plan = make_containment_plan(
        live.info, "isolate_host", order, "it scans", processes=(process.pid,), tool="1.2", report_id="r9"
    )
    assert re.fullmatch(r"contain-\d{8}-\d{6}-[0-9a-f]{4}", plan.id)
    assert (plan.tool, plan.report_id, plan.digest) == ("codered 1.2", "r9", digest_plan(plan))
    firewall, freeze = plan.actions
    assert (firewall.kind, firewall.firewall, firewall.because) == ("isolate_host", order, "it scans")
    assert firewall.expects == FirewallState(name=f"codered-{plan.id[-11:-5]}{plan.id[-4:]}")
    assert (freeze.kind, freeze.expects, freeze.path.text) == ("freeze_process", process, os.path.realpath(SHELL))


def test_a_person_can_read_it(live: LiveTarget, children: Children) -> None:
    process = children.start(SHELL, "-c", STUBBORN)
    order = FirewallOrder(sessions=(SESSION,), management=("192.0.2.0/24",), ports=WEB, confirm_within=60)
    text = render_plan(make_containment_plan(live.info, "block_outbound", order, "it scans", processes=(process.pid,)))
    for part in ("10.0.0.2 port 5000", "192.0.2.0/24", "tcp 80", "after 60 s unless it is confirmed", "freeze"):
        assert part in text
    slow = make_containment_plan(live.info, "throttle_outbound", FirewallOrder(per_second=2, burst=20), "it scans")
    assert "2 new connections a second after the first 20" in render_plan(slow)


def test_processes_alone_can_be_frozen_and_something_must_be(live: LiveTarget, children: Children) -> None:
    process = children.start(SHELL, "-c", STUBBORN)
    named = (ProcessId(process.pid, process.start),)
    plan = make_containment_plan(live.info, "freeze_process", FirewallOrder(), "it scans", processes=named)
    assert [(action.id, action.kind) for action in plan.actions] == [("a01", "freeze_process")]
    with pytest.raises(Refused, match="nothing to contain"):
        make_containment_plan(live.info, "freeze_process", FirewallOrder(), "it scans")


def test_who_must_not_be_touched_or_is_gone_is_refused(live: LiveTarget, children: Children) -> None:
    process = children.start(SHELL, "-c", STUBBORN)
    ended = subprocess.Popen(["true"])
    ended.wait()
    for who, says in (
        (os.getpid(), "it runs this tool"),
        (1, "never touched"),
        (ended.pid, "it is gone"),
        (ProcessId(process.pid, process.start + 1), "it is gone"),
    ):
        with pytest.raises(Refused, match=says):
            make_containment_plan(live.info, "freeze_process", FirewallOrder(), "it scans", processes=(who,))


def test_an_order_that_can_not_be_is_refused(live: LiveTarget) -> None:
    with pytest.raises(Refused, match="which ports"):
        make_containment_plan(live.info, "block_outbound", FirewallOrder(), "it scans")
