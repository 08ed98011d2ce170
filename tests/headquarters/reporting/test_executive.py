"""One page, always."""

import re
import subprocess
from pathlib import Path

from codered_hq.reporting.executive import tell_executive, write_executive
from codered_hq.reporting.printing import make_pdf
from tests.fixtures.status_reports import make_hostile_report, make_report


def test_the_summary_is_one_page_whatever_is_in_it(tmp_path: Path) -> None:
    wide = {f"W{number}" + "W" * 99: "W" * 5000 for number in range(9)}
    reports = {
        "plain": make_report(),
        "hostile": make_hostile_report(),
        "wide": make_report(impact=wide, summary="W " * 900),
    }
    for name, report in reports.items():
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(make_pdf(write_executive(report)))
        info = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True, timeout=30).stdout
        assert " 1\n" in next(line + "\n" for line in info.splitlines() if line.startswith("Pages:")), name
        assert "Tagged:          yes" in info
        lowest = subprocess.run(
            ["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True, timeout=30
        )
        heights = sorted(float(each) for each in re.findall(r'yMax="([0-9.]+)"', lowest.stdout))
        body = [each for each in heights if each < 800]  # the margins of the page are below
        assert name == "hostile" or body[-1] > 500, name  # more than half of the page is used
    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "plain.pdf", "-"], capture_output=True, text=True, check=True, timeout=30
    ).stdout
    assert text.count("TLP:AMBER+STRICT") == 3  # in the page, above and below it
    assert text.count("DRILL: this is an exercise") == 2
    assert text.index("What it costs the business") < text.index("Where we stand") < text.index("What is asked of you")
    assert "shut a whole network segment, 40 machines: vlan 20 – waits for executive, business" in " ".join(
        text.split()
    )


def test_the_same_in_a_few_lines() -> None:
    text = tell_executive(make_report())
    assert "  Ordering: closed, about 40,000 EUR an hour" in text
    assert "We are stopping the spread." in text
    assert "12 machines cut off from the network, 7 proved clean, 1 cleaned and not proved yet" in text
    assert "31  known infected (104 of 1,200 hosts not looked at)" in text
    assert "1 cut-off can't be taken back" in text
    assert tell_executive(make_hostile_report()).replace("\n", "").isprintable()
    assert "The incident is closed." in tell_executive(make_report(closed_at=make_report().at))
