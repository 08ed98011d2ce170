"""Files made so that the rules would miss them."""

from pathlib import Path

import pytest

from codered.collect.walking import Folder
from codered.detect.places import Places
from codered.engine import Matcher
from codered.model.ruleset import RuleSet
from codered.packs.compiling import compile_packs
from codered.packs.loading import find_packs_folder, load_packs
from codered.scan.request import ScanRequest
from codered.scan.tasks import FilesTask
from codered.scan.worker import Worker
from codered.targets import open_target
from codered.targets.windows_names import canonical_windows_path

MOST = 100  # matches kept of a string, as in a scan
SCRIPT = b'<script language="JavaScript">window.open("readme.eml", null, "inert,top=6000")</script>\n'
FILLER = b"<p>a line of a lesson that explains the script above</p>\n" * 20
PROGRAM = b"Concept Virus(CV) V.5 readme.exe sample.exe admin.dll load.exe"
DOCUMENT = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(60) + b"\xff" * 444  # the head of an old office document


@pytest.fixture(scope="module")
def rules(rule_cache: Path) -> RuleSet:
    return compile_packs(load_packs(find_packs_folder()), rule_cache)


def match_rules(rules: RuleSet, data: bytes) -> set[str]:
    return {match.rule for match in Matcher(rules.text, most=MOST).match(data)}


@pytest.mark.parametrize(
    "data",
    [
        b"<html><body>" + SCRIPT * 105,
        b"<html><body>" + SCRIPT * 105 + b"</html>",
        b"<html><body>" + (SCRIPT + FILLER) * 105 + b"</body></html>\n<html>" + SCRIPT + b"</html>" + FILLER,
        b"<html></html>" * 105 + SCRIPT,
    ],
)
def test_an_injected_page_stuffed_with_matches_is_still_one(rules: RuleSet, data: bytes) -> None:
    assert match_rules(rules, data) == {"nimda_injected_page"}


@pytest.mark.parametrize("times", [1, 105])
def test_a_lesson_that_shows_the_script_however_often_is_none(rules: RuleSet, times: int) -> None:
    assert match_rules(rules, b"<html><body>" + (SCRIPT + FILLER) * times + b"</body></html>") == set()


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"<html><body>\0hello</body></html>\n" + SCRIPT, ["injected-page"]),
        (("\ufeff<html><body>hello</body></html>\n" + SCRIPT.decode()).encode("utf-16-le"), ["injected-page"]),
        (b"A" * 9000 + PROGRAM + b"\0", ["program"]),
        (b"\0" * 9000 + PROGRAM, ["program"]),
        (b"A text on Nimda: " + PROGRAM, []),
        (DOCUMENT + b"<html></html>" + SCRIPT, []),
        (bytes(range(256)) * 2 + b"<html></html>" + SCRIPT, []),
    ],
)
def test_nuls_hide_nothing_and_make_no_document_a_page(
    rules: RuleSet, tmp_path: Path, data: bytes, found: list[str]
) -> None:
    (tmp_path / "file").write_bytes(data)
    places = Places(rules.packs, canonical_windows_path)
    worker = Worker(open_target(str(tmp_path)), rules, places, ScanRequest(places=()))
    done = worker.serve(FilesTask(1, [Folder(b"", [b"file"], [])]))
    assert [finding.indicator for finding in done.findings] == found
