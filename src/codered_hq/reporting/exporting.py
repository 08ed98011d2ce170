"""What happened in an incident as one text of a standard: OCSF, syslog, STIX or CACAO."""

import json
import socket
from collections.abc import Iterator
from typing import Final

from codered.export.indicators.stix import make_stix
from codered.export.writing.stix_parts import Stix
from codered.model.errors import WrongUse
from codered.packs.rule_source import parse_pack
from codered_hq.incidents.models import Incident
from codered_hq.reporting.happened import load_incident_packs
from codered_hq.standards import ocsf
from codered_hq.standards.cacao import render_cacao
from codered_hq.standards.happenings import Happenings
from codered_hq.standards.stix import render_stix
from codered_hq.standards.syslog5424 import make_message

FORMS: Final = ("ocsf", "syslog", "stix", "cacao")


def render_export(form: str, happened: Happenings, incident: Incident) -> str:
    """The whole text in one of FORMS. Raises WrongUse for another form, or a pack that can't be read."""
    if form == "stix":
        return render_stix(happened, _list_signs(incident))
    if form == "cacao":
        return render_cacao(happened)
    if form == "syslog":
        host = socket.gethostname()
        return "".join(make_message(event, host).decode() + "\n" for event in ocsf.make_events(happened))
    if form == "ocsf":
        return "".join(ocsf.iterate_lines(happened))
    raise WrongUse("is no form of an export", where=form[:40], advice=" ".join(FORMS))


def _list_signs(incident: Incident) -> Iterator[Stix]:
    """What the packs say of their threats."""
    packs = tuple(map(parse_pack, load_incident_packs(incident)))
    for file in make_stix(packs).files:
        yield from json.loads(file.data)["objects"]
