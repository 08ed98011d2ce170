from pathlib import Path

import msgspec

from tests.fixtures.pack_publisher import Publisher
from tests.fixtures.saying import Say


def test_sources_are_added_listed_and_removed(say: Say, tmp_path: Path) -> None:
    publisher = Publisher(tmp_path / "publisher")
    empty = say("packs", "sources", "list")
    assert (empty.code, empty.out) == (0, "")
    assert "nothing is contacted" in empty.err
    added = say("packs", "sources", "add", "lab", "https://packs.example.org/x", "--root", publisher.root())
    assert added.code == 0
    (row,) = msgspec.json.decode(say("packs", "sources", "list", "--json").out)
    assert (row["name"], row["place"]) == ("lab", "https://packs.example.org/x")
    assert row["root_sha256"] in added.err
    assert say("packs", "sources", "list").out == f"lab  {row['place']}  root {row['root_sha256']}\n"
    assert say("packs", "sources", "add", "lab", "https://packs.example.org/x", "--root", publisher.root()).code == 2
    assert say("packs", "sources", "add", "two", "ftp://x", "--root", publisher.root()).code == 2
    assert not row.get("may_replace")
    official = ("packs", "sources", "add", "official", "https://packs.example.org/y", "--root", publisher.root())
    assert say(*official, "--may-replace").code == 0
    assert say("packs", "sources", "list").out.endswith("  may replace shipped packs\n")
    assert say("packs", "sources", "remove", "official").code == 0
    assert say("packs", "sources", "remove", "two").code == 2
    assert say("packs", "sources", "remove", "lab").code == 0
    assert say("packs", "sources", "list", "--json").out.strip() == "[]"
