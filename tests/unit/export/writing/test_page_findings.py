import html
import re

import msgspec

from codered.export.writing.page_findings import draw_findings
from codered.model.report import Report


def read_text(markup: str) -> str:
    return html.unescape(re.sub("<[^>]*>", " ", markup))


def test_a_card_a_finding(infected: Report) -> None:
    page = draw_findings(infected)
    assert page.count("<article") == 5
    assert page.count('class="finding confirmed"') == 2
    text = read_text(page)
    assert "C:\\inetpub\\scripts\\root.exe" in text
    assert "/mnt/evidence/web-01/inetpub/scripts/root.exe" in text
    assert "shared by Code Red II and Nimda" in text
    assert "INERT\\x00\\x1b[2J MARKER" in text


def test_signs_in_logs_are_added_up(attacked: Report) -> None:
    page = draw_findings(attacked)
    assert page.count("<article") == 1
    assert "24 requests from 24 addresses: ida-n" in page
    assert "GET /default.ida?N×224%u9090%u6858" in read_text(page)


def test_a_mass_of_findings_ends_and_says_so(infected: Report) -> None:
    page = draw_findings(msgspec.structs.replace(infected, findings=infected.findings[:1] * 501))
    assert page.count("<article") == 500
    assert "… and 1 more: see the JSON report." in page


def test_nothing_found(clean: Report) -> None:
    assert draw_findings(clean) == ""
