"""Reads ColdFusion pages and components: tags and scripts."""

import re
from collections.abc import Iterator
from itertools import islice

import msgspec

from codered.detect.scripts.cold_fusion.tags import read_page
from codered.detect.scripts.facts import Fact, Script
from codered.detect.scripts.flows.grammar import load_grammar
from codered.detect.scripts.flows.telling import tell_facts

FEW_BYTES = 2500
MOST_FIELDS = 500
# A field of a form may be used without saying that it is one.
_FIELD = re.compile(r"\b(?:form|url)\.(\w{1,60})", re.IGNORECASE)
_ASSIGNED = re.compile(r"<cfset\s+(?:variables\.|local\.|var\s+)?(\w{1,60})\s{0,20}=", re.IGNORECASE)


def read_cfm(script: Script) -> Iterator[Fact]:
    """The facts of a ColdFusion page."""
    if len(script.text) < FEW_BYTES:
        yield Fact("tiny")
    grammar = load_grammar("cold_fusion", "cold_fusion")
    assigned = {match[1].lower() for match in _ASSIGNED.finditer(script.text)}
    fields = {match[1].lower() for match in islice(_FIELD.finditer(script.text), MOST_FIELDS)} - assigned
    grammar = msgspec.structs.replace(grammar, sources=grammar.sources | dict.fromkeys(fields, "request"))
    yield from tell_facts(read_page(script.text), grammar, script.text)
