"""Signs of scripts: facts that a reader can give, weights that can reach something, and a gate."""

from collections.abc import Iterator
from functools import cache
from importlib import resources

import msgspec

from codered.model.indicators import RULE_FACT
from codered.packs.problems import CheckedPack, Problem
from codered.packs.strict_yaml import shorten
from codered.packs.suggesting import suggest

LEAST_FINDING = 50  # the sum of weights from which a file is suspicious


def check_scripts(checked: CheckedPack) -> Iterator[Problem]:
    """Facts in the vocabulary, a gate where there are signs and signs where there is a gate, and enough weight."""
    pack = checked.pack
    gated = pack.script_gate is not None and bool(pack.script_gate.text or pack.script_gate.binary)
    if pack.scripts and not gated:
        advice = "name rules of rules.yar in `script_gate`: only files that one of them matches are read as scripts"
        yield Problem(checked.at("scripts"), "signs of scripts without a gate", advice)
    if gated and not pack.scripts:
        yield Problem(checked.at("script_gate"), "a gate without signs", "write `scripts`, or leave the gate out")
    if pack.scripts and sum(sign.weight for sign in pack.scripts) < LEAST_FINDING:
        what = f"all signs of scripts together weigh less than {LEAST_FINDING}"
        yield Problem(checked.at("scripts"), what, f"nothing is told below {LEAST_FINDING}: raise the weights")
    for number, sign in enumerate(pack.scripts):
        if not sign.when:
            yield Problem(checked.at("scripts", number), f"`{sign.id}` holds for every script", "name facts in `when`")
        for part, facts in (("when", sign.when), ("unless", sign.unless)):
            yield from _check_facts(checked, number, part, facts)
        for fact in sorted(set(sign.when) & set(sign.unless)):
            advice = "leave it out of one of the two"
            yield Problem(checked.at("scripts", number, "unless"), f"`{fact}` can't hold and not hold", advice)


def _check_facts(checked: CheckedPack, number: int, part: str, facts: tuple[str, ...]) -> Iterator[Problem]:
    known = _load_facts()
    for index, fact in enumerate(facts):
        if not fact.startswith(RULE_FACT) and fact not in known:
            at = checked.at("scripts", number, part, index)
            yield Problem(at, f"no reader gives the fact `{shorten(fact)}`", suggest(fact, sorted(known)))


@cache
def _load_facts() -> frozenset[str]:
    data = resources.files("codered.model").joinpath("script_facts.json").read_bytes()
    return frozenset(msgspec.json.decode(data, type=dict[str, str]))
