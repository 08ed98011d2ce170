import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered import respond
from codered.model.firewall import FirewallOrder, PortRange
from codered.remediate.plan_containment import make_containment_plan
from codered.respond.containing import Times, find_folder, make_record, write_record
from codered.respond.frozen_alone import list_frozen_alone
from codered.targets import open_target

ORDER = FirewallOrder(ports=(PortRange(protocol="tcp", first=80, last=80),))


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))


def test_what_is_frozen_without_a_firewall_is_listed_until_it_goes_on() -> None:
    target = open_target()
    assert list_frozen_alone() == {}
    with subprocess.Popen(["sleep", "60"]) as sleeper:
        try:
            plan = make_containment_plan(target.info, "freeze_process", ORDER, "a test", processes=(sleeper.pid,))
            respond.keep_plan(plan)
            respond.apply(plan, target, lambda _: None)
            assert list_frozen_alone() == {plan.id: (sleeper.pid,)}
            own = make_containment_plan(target.info, "block_outbound", ORDER, "a test")
            folder = find_folder(own.id)
            folder.make()
            write_record(folder, replace(make_record(own, Times()), besides=(plan.id,)))
            assert list_frozen_alone() == {}  # it goes on with that one
            folder.forget_record()
            assert list_frozen_alone() == {plan.id: (sleeper.pid,)}
            respond.undo(plan, target, lambda _: None)
            assert list_frozen_alone() == {}
        finally:
            sleeper.kill()
