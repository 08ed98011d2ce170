from pathlib import Path

import pytest

from codered.authoring.trying import MOST_BYTES, Sample, Tried, read_sample, try_sample
from codered.model.errors import WrongUse
from codered.packs.loading import find_packs_folder, load_pack
from codered.packs.rule_source import parse_pack


def try_on(sample: Sample, name: str) -> dict[str, Tried]:
    return {item.sign: item for item in try_sample(sample, (parse_pack(load_pack(find_packs_folder() / name)),))}


def sample_of(data: bytes, path: str = "/x/y.bin", *, text: bool = True) -> Sample:
    return Sample(path, data, len(data), text)


def test_each_string_of_a_rule_is_told_by_itself() -> None:
    tried = try_on(sample_of(b"\0CodeRedII and d:\\inetpub\\scripts\\root.exe", text=False), "codered2")
    worm = tried["saved-worm"]
    assert not worm.found
    assert "$anchor_atom at byte 1" in worm.told
    assert "$request not found" in worm.told
    assert not any("condition" in one for one in worm.told)


def test_a_sign_for_other_files_says_so_and_places_are_told() -> None:
    pack = parse_pack(load_pack(find_packs_folder() / "codered2"))
    strings = [string.literal() for rule in pack.rules if rule.name == "codered2_saved_body" for string in rule.strings]
    told = try_on(sample_of(b"\n".join(strings)), "codered2")["saved-worm"].told
    assert any("the sign is for binary files, and this is text" in one for one in told)
    kinsing = try_on(sample_of(b"x", "/tmp/kdevtmpfsi"), "kinsing")
    fitting = [item for item in kinsing.values() if item.layer == "files" and item.found]
    assert fitting
    assert "place and name fit" in fitting[0].told[0]


def test_log_signs_tell_literal_and_pattern_apart() -> None:
    near = try_on(sample_of(b"GET /default.ida?XX HTTP/1.0\n"), "codered2")["ida-x"]
    assert (near.found, near.told) == (False, ("1 line holds a literal of it, its pattern matches 0 as they stand",))
    line = b'203.0.113.7 - - "GET /default.ida?' + b"X" * 224 + b'%u9090 HTTP/1.0" 404 -\n'
    assert try_on(sample_of(line * 2), "codered2")["ida-x"].found
    assert "no line holds" in try_on(sample_of(b"nothing\n"), "codered2")["ida-x"].told[0]


def test_scripts_are_told_by_their_facts() -> None:
    page = b"<?php die('inert example'); system($_GET['c']);"
    tried = try_on(sample_of(page, "/srv/x.php"), "webshell")
    assert "php" in tried["script_gate"].told[0]
    assert any(" not found" in one for item in tried.values() for one in item.told)


def test_what_is_no_sample_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    for name, what in (
        ("empty", "is empty"),
        ("link", "can't be read"),
        ("", "is no file"),
        ("no", "can't be read"),
    ):
        with pytest.raises(WrongUse, match=what):
            read_sample(str(tmp_path / name))
    with open(tmp_path / "large", "wb") as file:
        file.truncate(MOST_BYTES + 7)
    sample = read_sample(str(tmp_path / "large"))
    assert (len(sample.data), sample.size, sample.text) == (MOST_BYTES, MOST_BYTES + 7, False)
