"""What a plan would change, as lines that go and come."""

import msgspec

from codered.model.paths import FilePath
from codered.model.plan import Edit, FileState, LineChange
from codered_hq.console.machines.plan_diffs import Line, list_changes
from tests.fixtures.played_fleets import make_plan


def test_lines_that_go_and_come() -> None:
    plan = make_plan("/etc/crontab", "/etc/shadow")
    change = LineChange(line=3, sha256="0" * 64, shown="evil", becomes=b"good")
    edit = Edit(outcome=FileState(exists=True), lines=(change,), mode=0o600)
    actions = tuple(msgspec.structs.replace(each, kind="remove_line", edit=edit) for each in plan.actions)
    first, second = list_changes(msgspec.structs.replace(plan, actions=actions))
    assert first.lines == (Line("line 3", "evil", "good"), Line("mode", "0644", "0600"))
    assert second.lines == (Line("mode", "0644", "0600"),)  # nobody reads the hashes of passwords
    assert actions[1].path == FilePath("/etc/shadow")
