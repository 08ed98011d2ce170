"""The list of engines."""

from codered_hq.config import Config
from codered_hq.engines import ENGINES


def test_each_engine_is_made_from_the_configuration_and_knows_its_name() -> None:
    assert {name: make(Config()).name for name, make in ENGINES.items()} == {"ansible": "ansible", "salt": "salt"}
