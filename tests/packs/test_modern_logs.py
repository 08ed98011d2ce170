"""What the requests of today's threats show in a log, in all encodings: each line of
modern_logs.tsv is sent by an address of its own, and all lines are one log.
"""

from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest

from codered.model.finding import Finding
from codered.model.target import Place
from codered.packs.compiling import compile_packs
from codered.packs.loading import find_packs_folder, load_packs
from codered.scan.request import ScanRequest
from codered.scan.run import scan
from codered.targets import open_target

PACKS = load_packs(find_packs_folder())
FAMILIES = (
    "proxyshell", "chinachopper", "log4shell-spreader", "phpunit-androxgh0st", "thinkphp", "mirai-http", "kinsing",
    "sysrv", "react2shell",
)  # fmt: skip
CAREFUL = (
    "look",
    "see ",
    "whether",
    "may ",
    "attempt",
    "says nothing",
    "or this server",
    "any other server",
    "ordinary web",
)


class Line(NamedTuple):
    """A request and the signs it must show."""

    address: str
    signs: frozenset[str]
    request: str
    status: str
    agent: str
    referer: str

    def write(self, status: str = "") -> str:
        """As a server writes it, by default with the status of the table."""
        when, code = "[14/Jan/2024:03:11:07 +0000]", status or self.status
        return f'{self.address} - - {when} "{self.request} HTTP/1.1" {code} 196 "{self.referer}" "{self.agent}"'


def read_lines() -> tuple[Line, ...]:
    rows = Path(__file__).with_name("modern_logs.tsv").read_text().splitlines()
    lines = []
    for number, row in enumerate(row for row in rows if not row.startswith("#")):
        signs, request, status, *more = row.split("\t")
        agent, referer = (*more, "-", "-")[:2]
        wanted = frozenset(signs.split(",")) - {"-"}
        lines.append(Line(f"203.0.113.{number + 1}", wanted, request, status, agent, referer))
    return tuple(lines)


LINES = read_lines()


@pytest.fixture(scope="module")
def found(rule_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[Finding]]]:
    """The findings by address: with the answers of the table, and where a server answers 200 or 404 to everything."""
    rules = compile_packs(PACKS, rule_cache)
    answers: dict[str, dict[str, list[Finding]]] = {}
    for status in ("", "200", "404"):
        log = tmp_path_factory.mktemp("logs") / "access.log"
        log.write_text("".join(line.write(status) + "\n" for line in LINES))
        request = ScanRequest(places=(Place("access.log", (str(log),)),), logs_only=True, cores=1)
        report = scan(open_target(scope=(bytes(log),)), request, rules)
        assert not [look for look in report.looks if look.state == "failed"]
        by_address = defaultdict(list)
        for finding in report.findings:
            by_address[finding.subject.address or ""].append(finding)
        answers[status] = dict(by_address)
    return answers


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line.request[:70]} {line.agent[:12]}")
def test_each_request_shows_its_sign_and_no_other(line: Line, found: dict[str, dict[str, list[Finding]]]) -> None:
    assert {finding.indicator for finding in found[""].get(line.address, ())} == line.signs


@pytest.mark.parametrize("status", ["", "200", "404"])
def test_a_log_names_senders_and_never_a_host_that_fell(
    status: str, found: dict[str, dict[str, list[Finding]]]
) -> None:
    """Whatever a server answers, which may be none of the products: the same senders, for the same signs."""
    assert set(found[status]) == {line.address for line in LINES if line.signs}
    for address, findings in found[status].items():
        assert {finding.indicator for finding in findings} == {item.indicator for item in found[""][address]}
        for finding in findings:
            assert (finding.layer, finding.subject.kind) == ("logs", "address"), finding
            assert finding.confidence != "confirmed"


def test_every_family_has_lines() -> None:
    shown = {sign for line in LINES for sign in line.signs}
    assert len(LINES) < 255, "each has an address of its own"
    for name in FAMILIES:
        (pack,) = (loaded.pack for loaded in PACKS if loaded.pack.name == name)
        assert shown & {sign.id for sign in pack.logs}, name


def test_what_an_answer_means_is_said_with_care() -> None:
    """An answer 200 may come from any server: the words must not call it infected."""
    for loaded in PACKS:
        if loaded.pack.name not in FAMILIES:
            continue
        for sign in loaded.pack.logs:
            for answer in sign.answers:
                if "200" in answer.status:
                    words = answer.means.lower()
                    assert any(word in words for word in CAREFUL), f"{loaded.pack.name}/{sign.id}"
                    assert "is infected" not in words
