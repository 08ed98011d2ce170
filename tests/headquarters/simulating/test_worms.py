"""How worms choose whom they try."""

import pytest

from codered.packs.loading import find_packs_folder, load_packs
from codered_hq.simulating.worms import Worm, make_worm


def test_code_red_2_prefers_its_neighbourhood_as_its_pack_says() -> None:
    (loaded,) = load_packs(find_packs_folder(), ("codered2",))
    behaviour = loaded.pack.scan_behaviour
    assert behaviour is not None
    made = make_worm("codered2", 5.0, [(each.within, each.share) for each in behaviour.addresses])
    assert (made.same_8, made.same_16, made.anywhere) == (4 / 8, 3 / 8, 1 / 8)


def test_a_worm_without_a_preference_tries_everywhere() -> None:
    assert make_worm("x", 1.0, []).anywhere == 1.0


def test_shares_that_are_not_all_of_it_are_refused() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        Worm(name="x", probes_per_second=1.0, anywhere=0.5)
