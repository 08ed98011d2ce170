"""The five markings of TLP 2.0 are those that OASIS publishes."""

import stix2  # type: ignore[import-untyped]

from codered_hq.model.crisis import TLPS
from codered_hq.standards.tlp import EXTENSION, find_marking


def test_each_level_has_its_own_object() -> None:
    assert len({find_marking(level)["id"] for level in TLPS}) == 5
    for level in TLPS:
        marking = stix2.parse(find_marking(level), allow_custom=False)
        assert (marking.name, marking.extensions[EXTENSION]["tlp_2_0"]) == (f"TLP:{level}", level.lower())


def test_a_level_that_nobody_knows_is_the_strictest() -> None:
    assert find_marking("PURPLE") == find_marking("RED")
