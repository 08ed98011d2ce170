"""Files made so that the rules would miss them."""

import pytest

from codered.engine import Matcher
from codered.packs.compiling import compile_packs
from codered.packs.loading import find_packs_folder, load_packs

RULES = compile_packs(load_packs(find_packs_folder()), None)
MOST = 100  # matches kept of a string, as in a scan
SCRIPT = b'<script language="JavaScript">window.open("readme.eml", null, "inert,top=6000")</script>\n'
FILLER = b"<p>a line of a lesson that explains the script above</p>\n" * 20


def match_rules(data: bytes) -> set[str]:
    return {match.rule for match in Matcher(RULES.text, most=MOST).match(data)}


@pytest.mark.parametrize(
    "data",
    [
        b"<html><body>" + SCRIPT * 105,
        b"<html><body>" + SCRIPT * 105 + b"</html>",
        b"<html><body>" + (SCRIPT + FILLER) * 105 + b"</body></html>\n<html>" + SCRIPT + b"</html>" + FILLER,
        b"<html></html>" * 105 + SCRIPT,
    ],
)
def test_an_injected_page_stuffed_with_matches_is_still_one(data: bytes) -> None:
    assert match_rules(data) == {"nimda_injected_page"}


@pytest.mark.parametrize("times", [1, 105])
def test_a_lesson_that_shows_the_script_however_often_is_none(times: int) -> None:
    assert match_rules(b"<html><body>" + (SCRIPT + FILLER) * times + b"</body></html>") == set()
