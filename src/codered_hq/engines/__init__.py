"""Fleet engines behind one interface: ENGINES is the list of them."""

from collections.abc import Callable

from codered_hq.config import Config
from codered_hq.engines.ansible_engine import AnsibleEngine
from codered_hq.engines.salt_engine import SaltEngine
from codered_hq.model.engine import Engine

ENGINES: dict[str, Callable[[Config], Engine]] = {
    "ansible": lambda config: AnsibleEngine(config.ansible),
    "salt": lambda config: SaltEngine(config.salt),
}
