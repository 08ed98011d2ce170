"""The crisis team's words: roles, and six steps, each with its place in the standard."""

from codered_hq.model.crisis import CSF, ROLES, STEPS, TLPS


def test_every_step_has_its_function_of_the_framework() -> None:
    assert tuple(CSF) == STEPS == ("prepare", "detect", "contain", "eradicate", "recover", "lessons")
    assert CSF["contain"] == CSF["eradicate"] == "RS"


def test_each_role_and_each_light_is_one() -> None:
    assert len(set(ROLES)) == len(ROLES)
    assert "AMBER+STRICT" in TLPS
