import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered import __version__, respond
from codered.model.errors import NotRolledBack, WrongUse
from codered.model.firewall import FirewallOrder, PortRange
from codered.remediate.plan_containment import make_containment_plan
from codered.respond.containing import Times, make_record
from codered.respond.containment_plans import list_frozen_with, read_kept, undo_besides
from codered.targets import open_target

ORDER = FirewallOrder(ports=(PortRange(protocol="tcp", first=80, last=80),))


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))


def test_what_is_frozen_besides_is_listed_and_let_go() -> None:
    target = open_target()
    with subprocess.Popen(["sleep", "60"]) as sleeper:
        try:
            own = make_containment_plan(target.info, "block_outbound", ORDER, "a test", tool=__version__)
            plan = make_containment_plan(target.info, "freeze_process", ORDER, "a test", processes=(sleeper.pid,))
            respond.keep_plan(plan)
            respond.apply(plan, target, lambda _: None)
            record = make_record(own, Times())
            assert list_frozen_with(record) == ()
            with_it = replace(record, besides=(plan.id, "contain-lost"))
            assert list_frozen_with(with_it) == (sleeper.pid,)
            with pytest.raises(NotRolledBack, match="contain-lost"):
                undo_besides(with_it, target, lambda _: None)
            assert list_frozen_with(with_it) == ()
        finally:
            sleeper.kill()


def test_a_plan_that_is_lost_is_read_from_its_case() -> None:
    plan = make_containment_plan(open_target().info, "block_outbound", ORDER, "a test")
    kept = respond.keep_plan(plan)
    assert read_kept(plan.id) == plan
    respond.case_folder(plan).mkdir(parents=True)
    kept.rename(respond.case_folder(plan) / "plan.json")
    assert read_kept(plan.id) == plan
    (respond.case_folder(plan) / "plan.json").write_bytes(b"{")
    with pytest.raises(WrongUse):
        read_kept(plan.id)
