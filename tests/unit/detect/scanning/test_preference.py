"""How destinations are chosen: worms' ways and lists of hosts, with seeds."""

import random
from collections.abc import Callable

import pytest

from benchmarks.traffic_models import SOURCE, draw_near, draw_nimda, draw_public, draw_rack, make_pool
from codered.detect.scanning.preference import (
    LOCAL,
    UNIFORM,
    Behaviour,
    count_steps,
    is_spread,
    measure,
    measure_steps,
    name_packs,
    prefer,
)
from codered.model.countermeasures import AddressShare

SEEDS = range(60)
Draw = Callable[[random.Random], bytes]


def share(count: int, draw: Draw, wanted: str) -> float:
    drawn = [[draw(dice) for _ in range(count)] for dice in map(random.Random, SEEDS)]
    return sum(prefer(one, SOURCE) == wanted for one in drawn) / len(drawn)


def draw_local(dice: random.Random) -> bytes:
    return SOURCE[:2] + dice.randbytes(2)


def draw_home(dice: random.Random) -> bytes:
    return bytes((192, 168, 1, dice.randrange(1, 255)))


@pytest.mark.parametrize(
    ("draw", "wanted"),
    [
        (draw_public, "uniform"),
        (draw_near, "near"),
        (draw_nimda, "near"),
        (draw_local, "local"),
        (draw_home, "local"),
    ],
)
def test_twenty_addresses_tell_the_way(draw: Draw, wanted: str) -> None:
    assert share(20, draw, wanted) >= 0.95


def test_too_few_or_mixed_addresses_tell_nothing() -> None:
    dice = random.Random(1)
    drawn = [draw_public(dice) for _ in range(5)]
    assert prefer(drawn, SOURCE) == ""
    assert prefer([*drawn, bytes(16)], SOURCE) == ""
    assert prefer([], SOURCE) == ""


def test_one_after_the_other_even_when_threads_shuffle_them() -> None:
    for step in (1, -1, 256):
        drawn = [(0x0A000000 + 40_000 + step * one).to_bytes(4, "big") for one in range(20)]
        assert prefer(drawn, SOURCE) == "sequential"
    shuffled = [(0x0A000000 + one).to_bytes(4, "big") for one in (1, 0, 3, 2, 4, 6, 5, 8, 7, 9, 11, 10)]
    assert prefer(shuffled, SOURCE) == "sequential"


def test_ipv6_is_only_told_step_by_step() -> None:
    base = 0x20010DB8 << 96
    assert prefer([(base + one).to_bytes(16, "big") for one in range(10)], bytes(16)) == "sequential"
    dice = random.Random(1)
    assert prefer([dice.randbytes(16) for _ in range(20)], bytes(16)) == ""


def test_a_list_of_hosts_is_no_worm() -> None:
    """False attribution: hosts of a data centre never, hosts that people use seldom once there are 64 of them."""
    assert share(20, lambda dice: draw_rack(dice, 40), "") == 1.0
    pools = [random.Random(seed).sample(make_pool(random.Random(seed), 300), 64) for seed in SEEDS]
    assert sum(prefer(one, SOURCE) == "near" for one in pools) == 0
    assert sum(prefer(one, SOURCE) == "uniform" for one in pools) <= len(pools) / 2


def test_without_an_own_address_nothing_is_near() -> None:
    dice = random.Random(1)
    own = bytes((130, 20, 30, 40))
    drawn = [draw_near(dice, own) for _ in range(30)]
    assert prefer(drawn, own) == "near"
    assert prefer(drawn, b"") == ""


def test_likelihoods() -> None:
    own = int.from_bytes(SOURCE, "big")
    assert measure([1], own, UNIFORM) == pytest.approx(-22.18, abs=0.01)
    assert measure([own ^ 1], own, LOCAL[1]) > measure([own ^ 1], own, UNIFORM)
    assert measure([own], None, LOCAL[0]) < measure([own], own, LOCAL[0])
    assert measure_steps([1, 2, 3]) > measure_steps([1, 9000, 70000])
    assert count_steps([1, 2, 3, 99]) == 2


def test_clumps_are_not_spread() -> None:
    assert is_spread([one << 24 for one in range(20)], "uniform", None)
    assert not is_spread([one << 8 for one in range(20)], "uniform", None)
    assert not is_spread([0x0A600000 + one for one in range(20)], "near", 0x0A140000)


def make_behaviour(name: str, port: int, *shares: tuple[float, str]) -> Behaviour:
    addresses = tuple(AddressShare(share=one, within=within) for one, within in shares)  # type: ignore[arg-type]
    return Behaviour(name=name, protocol="tcp", ports=(port,), addresses=addresses)


BEHAVIOURS = (
    make_behaviour("codered", 80, (1.0, "any")),
    make_behaviour("codered2", 80, (0.125, "any"), (0.5, "same_8"), (0.375, "same_16")),
    make_behaviour("nimda", 80, (0.5, "same_16"), (0.25, "same_8"), (0.25, "any")),
    make_behaviour("elsewhere", 81, (1.0, "any")),
    make_behaviour("unknown", 80),
    make_behaviour("listed", 80, (1.0, "fixed_list")),
    make_behaviour("stepping", 80, (1.0, "sequential")),
    make_behaviour("inside", 80, (1.0, "local_network")),
)


@pytest.mark.parametrize(
    ("draw", "packs"),
    [(draw_public, ("codered",)), (draw_near, ("codered2",)), (draw_nimda, ("nimda",)), (draw_local, ("inside",))],
)
def test_packs_that_choose_port_and_addresses_so(draw: Draw, packs: tuple[str, ...]) -> None:
    dice = random.Random(7)
    drawn = [draw(dice) for _ in range(250)]
    assert name_packs(BEHAVIOURS, "tcp", 80, drawn, SOURCE) == packs
    assert name_packs(BEHAVIOURS, "udp", 80, drawn, SOURCE) == ()


def test_a_few_addresses_leave_both_neighbours() -> None:
    dice = random.Random(3)
    drawn = [draw_near(dice) for _ in range(14)]
    assert "codered2" in name_packs(BEHAVIOURS, "tcp", 80, drawn, SOURCE)


def test_steps_and_nothing_certain() -> None:
    drawn = [(0x01000000 + one).to_bytes(4, "big") for one in range(20)]
    assert name_packs(BEHAVIOURS, "tcp", 80, drawn, SOURCE) == ("stepping",)
    assert name_packs(BEHAVIOURS, "tcp", 80, drawn[:3], SOURCE) == ()
