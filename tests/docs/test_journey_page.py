"""The page of the journey is made from what was said; a sentence about what nobody said can't stand in it."""

import json
from pathlib import Path

import pytest

from scripts.make_journey_page import FORMAT, main, make_page

STEP = {
    "n": 1, "step": "detect", "minute": 5, "seconds": 1.5, "who": "Nora", "where": "headquarters", "what": "",
    "words": ["codered", "sweep", "LAB/cache/x"], "exit_code": 1, "stdout": "INFECTED pc1\nnoise\n", "stderr": "",
}  # fmt: skip
RECORD = {"format": FORMAT, "steps": [STEP], "table": [{"what": "w", "planted": "1", "told": "1"}]}
TEXTS = {"head": "# H", "tail": "T", "step": [{"title": "A", "words": "codered sweep", "text": "S.", "keep": ["INF"]}]}


def test_what_was_said_stands_there_shortened() -> None:
    page = make_page(RECORD, TEXTS)
    for text in (
        "# H",
        "## A",
        "**Day 1, 08:15.** S.",
        "$ codered sweep x   # Nora, exit 1",
        "INFECTED pc1\n…",
        "0 differed",
    ):
        assert text in page
    assert "noise" not in page


@pytest.mark.parametrize("change", [{"words": "codered fleet"}, {"exit": 0}, {"keep": ["nothing like it"]}])
def test_what_nobody_said_can_t(change: dict[str, object]) -> None:
    with pytest.raises(LookupError):
        make_page(RECORD, {**TEXTS, "step": [{**TEXTS["step"][0], **change}]})  # type: ignore[dict-item]


def test_another_file_is_no_record(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"format": "codered/report/1"}))
    assert (main([str(path)]), main([])) == (2, 2)
