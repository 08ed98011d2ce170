from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.packs.importing.choosing_files import choose_files
from codered.packs.importing.gathering import import_files, join


def test_forms_are_joined_and_their_ids_are_unique(tmp_path: Path) -> None:
    (tmp_path / "a.yar").write_text('rule inert_mark { strings: $a = "INERT-MARK" condition: $a }')
    (tmp_path / "a.rules").write_text(
        'alert http any any -> any any (msg:"inert mark"; http.uri; content:"/inert"; sid:1;)'
    )
    (tmp_path / "a.yml").write_text("title: inert mark\nlogsource: {category: webserver}\n"
                                    "detection: {s: {c-uri: /inert}, condition: s}\n")  # fmt: skip
    made = import_files((choose_files(str(tmp_path)),), "likely")
    together = join(made)
    assert list(made) == ["yara", "sigma", "suricata"]
    assert [sign.id for sign in (*together.content, *together.logs, *together.traffic)] == [
        "inert-mark", "inert-mark-sigma", "inert-mark-suricata", "inert-mark-traffic",
    ]  # fmt: skip
    assert (together.read, len({item.id for item in together.references})) == (3, 3)


def test_nothing_that_can_be_used_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "a.yar").write_text("rule a { condition: nothing }")
    with pytest.raises(WrongUse, match=r"no rule can be used.*a\.yar:1: a: the engine does not take it"):
        import_files((choose_files(str(tmp_path)),), "likely")
    (tmp_path / "a.yar").write_text("// nothing")
    with pytest.raises(WrongUse, match="no rule in it"):
        import_files((choose_files(str(tmp_path)),), "likely")


@pytest.mark.parametrize(("data", "why"), [(b"", "a.yar: is empty"), (b"\0\1\2", "a.yar: is no text")])
def test_a_file_that_holds_nothing_is_named(tmp_path: Path, data: bytes, why: str) -> None:
    (tmp_path / "a.yar").write_bytes(data)
    with pytest.raises(WrongUse) as caught:
        import_files((choose_files(str(tmp_path / "a.yar")),), "likely")
    assert why in str(caught.value)
