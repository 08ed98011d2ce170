"""The options of a sweep: lists of ports, and that there is an authorisation."""

import pytest

from codered.model.errors import WrongUse
from codered_hq.cli.sweep_options import read_ports


def test_ports() -> None:
    assert read_ports("80,8080 80") == (80, 8080)
    assert read_ports("") == ()
    for text in ("x", "0", "65536", "80-90", "-1", "9" * 5000):
        with pytest.raises(WrongUse, match="no list of ports"):
            read_ports(text)
