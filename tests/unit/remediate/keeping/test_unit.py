from pathlib import Path

import pytest

from codered.model.errors import Refused
from codered.remediate.keeping.unit import make_unit_text, name_unit


def test_it_stands_before_the_network_and_is_kept() -> None:
    text = make_unit_text("contain-1", Path("/var/lib/codered")).decode()
    lines = text.splitlines()
    assert "Before=network-pre.target shutdown.target" in lines
    assert "Type=notify" in lines
    assert 'Environment="CODERED_STATE=/var/lib/codered"' in lines
    (command,) = (line for line in lines if line.startswith("ExecStart="))
    assert command.endswith('"-m" "codered" "contain" "keep" "contain-1"')
    assert name_unit("contain-1") == "codered-contain-contain-1.service"


def test_a_place_that_a_unit_can_not_name_is_refused() -> None:
    with pytest.raises(Refused, match="can't be written in a unit"):
        make_unit_text("one", Path("/tmp/a\nb"))
