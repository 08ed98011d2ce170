from pathlib import Path

import msgspec

from tests.fixtures.saying import Say


def test_a_file_is_tried_on_packs(say: Say, tmp_path: Path) -> None:
    sample = tmp_path / "sample.bin"
    sample.write_bytes(b"\0\0CodeRedII only, \x1b[2J")
    answer = say("packs", "try", sample, "--packs", "codered2")
    assert answer.code == 0
    assert "partly  codered2/saved-worm (content): $anchor_atom at byte 2" in answer.out
    assert answer.out.endswith("a scan says: nothing\n")
    told = msgspec.json.decode(say("packs", "try", sample, "--packs", "codered2", "--json", "--all").out)
    assert {row["sign"] for row in told["signs"]} >= {"root-exe", "saved-worm"}
    assert told["findings"] == []


def test_what_is_found_is_said_and_answered_for(say: Say, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    line = '203.0.113.7 - - [01/Aug/2001:00:00:00 +0000] "GET /default.ida?{} HTTP/1.0" 404 -\n'
    log.write_text(line.format("X" * 224 + "%u9090"))
    answer = say("packs", "try", log, "--packs", "codered2")
    assert answer.code == 1
    assert "found   codered2/ida-x (logs)" in answer.out
    assert "a scan says: confirmed codered2/ida-x" in answer.out
    assert say("packs", "try", tmp_path / "nosuch").code == 2
    assert "nothing of any sign is in it" in say("packs", "try", __file__, "--packs", "codeblue").out
