"""What the pack has done about the threat: scanning behaviour, containment, removal."""

import fnmatch
import math
import re
from collections.abc import Iterator

from codered.packs.checks.signs import check_ports, check_references, is_path
from codered.packs.problems import CheckedPack, Problem
from codered.packs.strict_yaml import shorten
from codered.packs.suggesting import suggest


def check_scan_behaviour(checked: CheckedPack) -> Iterator[Problem]:
    """Ports, and shares of addresses that make sense together."""
    behaviour = checked.pack.scan_behaviour
    if behaviour is None:
        return
    yield from check_ports(checked, behaviour.ports, ("scan_behaviour", "ports"))
    yield from check_references(checked, behaviour.references, ("scan_behaviour", "references"))
    shares = [item.share for item in behaviour.addresses]
    for index, share in enumerate(shares):
        if not 0 <= share <= 1:  # also refuses "nan"
            at = checked.at("scan_behaviour", "addresses", index)
            yield Problem(at, f"{share} is no share", "a share is 0 to 1")
    if math.fsum(shares) > 1 + 1e-9:
        at = checked.at("scan_behaviour", "addresses")
        yield Problem(at, f"the shares add up to {math.fsum(shares):g}", "together they are at most 1")
    if not 0 <= behaviour.per_second < math.inf:
        yield Problem(checked.at("scan_behaviour", "per_second"), "no rate", "write attempts a second; 0 = not known")


def check_containment(checked: CheckedPack) -> Iterator[Problem]:
    """Ports that exist."""
    for number, block in enumerate(checked.pack.containment.block if checked.pack.containment else ()):
        yield from check_ports(checked, block.ports, ("containment", "block", number, "ports"))


def check_removal(checked: CheckedPack) -> Iterator[Problem]:
    """Steps that name indicators of this pack, and nothing removed that must not be touched."""
    removal = checked.pack.removal
    if removal is None:
        return
    known = [sign.id for sign in checked.pack.indicators()]
    for number, step in enumerate(removal.steps):
        for index, named in enumerate(step.indicators):
            if named not in known:
                at = checked.at("removal", "steps", number, "indicators", index)
                yield Problem(at, f"no indicator `{shorten(named)}`", suggest(named, known))
    for number, item in enumerate(removal.must_not_touch):
        if owner := _find_contradiction(checked, item.path):
            what = f"`{shorten(item.path)}` must not be touched, but indicator {owner} takes it for the threat"
            at = checked.at("removal", "must_not_touch", number)
            yield Problem(at, what, "narrow the indicator, or name the path in its except_paths")


def _find_contradiction(checked: CheckedPack, path: str) -> str:
    if not is_path(path):
        return ""  # a setting, not a file
    for sign in checked.pack.files:
        hit = any(_overlap(path, other) for other in sign.paths)
        if hit and not any(_overlap(path, other) for other in sign.except_paths):
            return sign.id
    return ""


def _overlap(path: str, other: str) -> bool:
    """Whether the two can name one file: any case, `?:` is any drive."""
    drives = [text[0].lower() for text in (path, other) if not text.startswith("/")]
    if len(drives) == 1 or (len(drives) == 2 and "?" not in drives and drives[0] != drives[1]):
        return False
    return fnmatch.fnmatchcase(path[1:].lower(), re.sub(r"([\[?])", r"[\1]", other[1:].lower()))
