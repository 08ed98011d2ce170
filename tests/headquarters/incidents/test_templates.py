"""Templates: general ones for each step, and what packs know."""

import pytest

from codered.model.errors import WrongUse
from codered_hq.incidents.models import Incident
from codered_hq.incidents.templates import FactTemplate, Template, find_packs, make_drafts, read_templates
from codered_hq.model.crisis import ROLES, STEPS


def test_every_template_is_whole() -> None:
    templates = read_templates()
    every: list[Template | FactTemplate] = [*templates.tasks, *templates.facts]
    for each in every:
        assert each.role in ROLES, each
        assert 1 <= each.priority <= 9, each
        assert len(each.action) <= 64, each
    assert {each.step for each in templates.tasks} == set(STEPS)


def test_a_pack_brings_its_own_tasks() -> None:
    packs, real = find_packs(("codered2", "codered2")), Incident(name="x")
    assert len(packs) == 1
    made = {step: make_drafts(real, step, packs) for step in STEPS}
    for step, drafts in made.items():
        assert drafts, step
        assert len({(draft.action, draft.target) for draft in drafts}) == len(drafts), step
        assert not [draft for draft in drafts if "{" in draft.text], step
    assert {"codered2 tcp/80 out", "codered2 tcp/80 in"} <= {draft.target for draft in made["contain"]}
    actions = {draft.action for draft in made["eradicate"]}
    assert {"patch", "remove", "weigh-rebuild", "reboot", "heed"} <= actions
    assert "codered2 recover" in {draft.source for draft in made["recover"]}
    assert len(made["recover"]) > len(make_drafts(real, "recover", ()))
    assert make_drafts(Incident(drill=True), "detect", ()) != make_drafts(real, "detect", ())
    with pytest.raises(WrongUse):
        find_packs(("no-such-pack",))
    assert find_packs(()) == ()
