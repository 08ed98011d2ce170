"""Who is told something, who must have approved it before, and how secret it may be."""

from functools import lru_cache
from importlib.resources import files

import msgspec

from codered.model.errors import Refused, WrongUse
from codered_hq.config import NotifyConfig
from codered_hq.model.crisis import TLPS, Tlp

SOURCE = "audiences.json"


class Audience(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`needs`: the roles that must approve the words; `most`: the most secret that it may be told; `tlp`: what stands
    in a message that says nothing else; `role`: who it is within the team ("" = a way of this name reaches it).
    """

    needs: tuple[str, ...]
    most: Tlp
    tlp: Tlp
    role: str


def find_audience(name: str) -> Audience:
    """The audience of this name. Raises WrongUse."""
    known = read_audiences()
    if name not in known:
        raise WrongUse("is no audience", where=f"--audience {name[:40]}", advice=" ".join(sorted(known)))
    return known[name]


def choose_tlp(name: str, said: str) -> Tlp:
    """The traffic light of a message to an audience. Raises Refused for one that it may not be told."""
    audience = find_audience(name)
    if not said:
        return audience.tlp
    if (light := next((each for each in TLPS if each == said), None)) is None:
        raise WrongUse("is no traffic light", where=f"--tlp {said[:20]}", advice=" ".join(TLPS))
    if TLPS.index(light) > TLPS.index(audience.most):
        advice = "write it so that it is less secret, or tell somebody else"
        raise Refused(f"{name} may not be told what is TLP:{said}; TLP:{audience.most} at most", advice=advice)
    return light


def may_tell(way: NotifyConfig, audience: str) -> bool:
    """Whether what an audience is told may go this way: others may read there."""
    return audience in way.audiences if way.audiences else bool(find_audience(audience).role)


def is_team_way(way: NotifyConfig) -> bool:
    """Whether only the team reads there: what nobody approved may go this way."""
    known = read_audiences()
    return all(name in known and known[name].role for name in way.audiences)


@lru_cache(maxsize=1)
def read_audiences() -> dict[str, Audience]:
    """The data file, read once."""
    return msgspec.json.decode(files("codered_hq.incidents").joinpath(SOURCE).read_bytes(), type=dict[str, Audience])
