"""Audiences: who must approve, and how secret it may be."""

import msgspec
import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.config import NotifyConfig
from codered_hq.incidents.audiences import choose_tlp, find_audience, is_team_way, may_tell, read_audiences
from codered_hq.model.crisis import ROLES, TLPS


def test_every_audience_is_whole() -> None:
    for name, audience in read_audiences().items():
        assert set(audience.needs) <= set(ROLES), name
        assert audience.role in {"", "everybody", *ROLES}, name
        assert TLPS.index(audience.tlp) <= TLPS.index(audience.most), name
    outside = {
        name for name, audience in read_audiences().items() if set(audience.needs) == {"legal", "communications"}
    }
    assert outside == {"press", "customers", "regulator", "partners"}
    assert find_audience("staff").needs == ("communications",)
    assert find_audience("executives").needs == find_audience("crisis_team").needs == ()


def test_nobody_is_told_what_is_too_secret() -> None:
    assert (choose_tlp("press", ""), choose_tlp("staff", "GREEN"), choose_tlp("executives", "RED")) == (
        "CLEAR", "GREEN", "RED",
    )  # fmt: skip
    for name, light in (("press", "GREEN"), ("customers", "AMBER"), ("staff", "RED"), ("partners", "AMBER+STRICT")):
        with pytest.raises(Refused, match=f"{name} may not be told"):
            choose_tlp(name, light)
    for name, light in (("press", "PINK"), ("nobody", "")):
        with pytest.raises(WrongUse):
            choose_tlp(name, light)


def test_who_reads_a_way() -> None:
    plain = NotifyConfig(name="post", way="mail", url="smtp://127.0.0.1:1")
    desk = msgspec.structs.replace(plain, audiences=("press", "executives"))
    inner = msgspec.structs.replace(plain, audiences=("executives",))
    odd = msgspec.structs.replace(plain, audiences=("no-such",))
    assert [is_team_way(way) for way in (plain, desk, inner, odd)] == [True, False, True, False]
    told = ("executives", "crisis_team", "press", "staff")
    assert [[name for name in told if may_tell(way, name)] for way in (plain, desk, inner, odd)] == [
        ["executives", "crisis_team"], ["executives", "press"], ["executives"], [],
    ]  # fmt: skip
