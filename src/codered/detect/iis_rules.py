"""What is odd in the configuration of a web server: the table in iis_rules.json, and how it adds up."""

import fnmatch
from functools import cache
from importlib import resources
from typing import Literal, NamedTuple

import msgspec

from codered.model.countermeasures import RemovalKind
from codered.model.finding import Confidence

About = Literal["directory", "program", "property"]
_MOST_TOLD = 4


class IisRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Facts that hold together and how much they weigh; `remedy` is what would take the thing away."""

    id: str
    of: About
    when: tuple[str, ...]
    weight: int
    because: str
    unless: tuple[str, ...] = ()
    attack: tuple[str, ...] = ()
    remedy: RemovalKind | None = None


class KnownDirectories(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Directories that products publish, in lower case, and the places they do it from; `own`: the names belong to the
    product, another place is odd.
    """

    urls: tuple[str, ...]
    places: tuple[str, ...]
    own: bool = False


class Exposure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A script mapping by which worms came in, the programs behind it, and what that exposes."""

    extension: str
    programs: tuple[str, ...]
    what: str


class IisRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table. Places are folders in lower case on any drive, `*` within a component."""

    suspicious: int
    likely: int
    known_directories: tuple[KnownDirectories, ...]
    odd_places: tuple[str, ...]
    never_places: tuple[str, ...]
    com_places: tuple[str, ...]
    windows_places: tuple[str, ...]
    program_places: tuple[str, ...]
    native_places: tuple[str, ...]
    shells: tuple[str, ...]
    interpreters: tuple[str, ...]
    code_programs: tuple[str, ...]
    code_types: tuple[str, ...]
    aspnet_programs: tuple[str, ...]
    media_extensions: tuple[str, ...]
    text_extensions: tuple[str, ...]
    log_plugins: tuple[str, ...]
    exposures: tuple[Exposure, ...]
    rules: tuple[IisRule, ...]


class IisVerdict(NamedTuple):
    """What the rules come to: those that hold, the heaviest first, and how sure that is."""

    rules: tuple[IisRule, ...]
    confidence: Confidence
    because: str

    @property
    def remedy(self) -> RemovalKind | None:
        """What takes it away, by the heaviest rule that names it."""
        return next((rule.remedy for rule in self.rules if rule.remedy), None)


@cache
def read_iis_rules() -> IisRules:
    """The table."""
    raw = resources.files("codered.detect").joinpath("iis_rules.json").read_bytes()
    return msgspec.json.decode(raw, type=IisRules)


def weigh(of: About, facts: frozenset[str], more: str = "") -> IisVerdict | None:
    """The verdict over all rules whose facts hold; None if they do not add up to a finding. `more` is told too."""
    table = read_iis_rules()
    holding = [
        rule for rule in table.rules if rule.of == of and facts.issuperset(rule.when) and facts.isdisjoint(rule.unless)
    ]
    weight = sum(rule.weight for rule in holding)
    if weight < table.suspicious:
        return None
    holding.sort(key=lambda rule: -rule.weight)
    likely = weight >= table.likely
    reasons = "; ".join([rule.because for rule in holding[:_MOST_TOLD]] + ([more] if more else []))
    limit = f"{table.likely} and more is likely" if likely else f"{table.suspicious} and more is suspicious"
    because = f"{reasons} (weight {weight}; {limit})"
    return IisVerdict(tuple(holding), "likely" if likely else "suspicious", because)


def lies_in(path: str, places: tuple[str, ...]) -> bool:
    """Whether a path in lower case is one of the places or lies below it."""
    parts = path.rstrip("\\").split("\\")
    return any(_fits(parts, place.split("\\")) for place in places)


def is_named(name: str, names: tuple[str, ...]) -> bool:
    """Whether a name in lower case is one of them (`*` stands for anything)."""
    return any(fnmatch.fnmatchcase(name, known) for known in names)


def _fits(parts: list[str], place: list[str]) -> bool:
    if len(parts) < len(place):
        return False
    for part, wanted in zip(parts, place, strict=False):
        if wanted == "?:":
            if len(part) != 2 or part[1] != ":":
                return False
        elif part != wanted and not ("*" in wanted and fnmatch.fnmatchcase(part, wanted)):
            return False
    return True
