from typing import get_args

from codered.cli.script_options import ROLES, ScriptOptions
from codered.export.scripts.steps import Role


def test_the_words_are_those_of_the_scripts() -> None:
    assert get_args(Role) == ROLES
    asked = ScriptOptions(plan="x", role="iis5", prebuilt=None, packs=(), output="out", check=None, as_json=False)
    assert asked.role in ROLES
