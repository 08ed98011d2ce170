"""Forms of an export."""

import json
from datetime import UTC, datetime

import pytest

from codered.model.errors import WrongUse
from codered_hq.incidents.models import Incident
from codered_hq.reporting.exporting import FORMS, render_export
from codered_hq.reporting.happened import gather_happenings
from tests.fixtures.incident_rows import make_small_incident

pytestmark = pytest.mark.django_db


def test_each_form_is_a_text_of_its_standard_and_no_other_is_known() -> None:
    make_small_incident()
    incident = Incident.objects.get(name="red-2026")
    happened = gather_happenings(incident, "hq", datetime.now(UTC))
    made = {form: render_export(form, happened, incident) for form in FORMS}
    assert {"class_uid"} <= json.loads(made["ocsf"].splitlines()[0]).keys()
    assert len(made["syslog"].splitlines()) == len(made["ocsf"].splitlines())
    assert json.loads(made["stix"])["type"] == "bundle"
    assert json.loads(made["cacao"])["spec_version"] == "cacao-2.0"
    with pytest.raises(WrongUse, match="no form"):
        render_export("pdf", happened, incident)
