from pathlib import Path

import msgspec

from tests.fixtures.saying import Say


def test_costs_are_shown_as_table_and_as_json(say: Say, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"ordinary text\n" * 1000)
    answer = say("packs", "bench", "codered", "--tree", tmp_path)
    assert answer.code in (0, 1)
    assert answer.out.splitlines()[0].split() == [
        "pack",
        "rule",
        "ms/100",
        "MB",
        "x",
        "literal",
        "hostile",
        "MB/s",
        "hits",
    ]
    assert "measuring on 1 files" in answer.err
    rows = msgspec.json.decode(say("packs", "bench", "codered", "--tree", tmp_path, "--json").out)
    assert {row["pack"] for row in rows} == {"codered"}
    assert all(row["hits"] == 0 for row in rows)
    assert say("packs", "bench", "codered", "--tree", tmp_path / "nosuch").code == 2
