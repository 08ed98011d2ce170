"""Options -> a selection."""

from codered_hq.cli.host_choosing import choose
from codered_hq.hosts.finding import Selection


def test_other_options_are_let_be() -> None:
    given = {"tags": ("web",), "owner": "shop", "add": ("x",), "as_json": True}
    assert choose(("web1",), given) == Selection(names=("web1",), tags=("web",), owner="shop")
