import re

from codered.export.indicators.path_patterns import list_drives, spell_like, spell_path


def test_a_path_is_spelled_for_each_engine() -> None:
    spelled = spell_path(r"?:\progra~1\a'b*.exe")
    assert re.fullmatch(spelled, r"d:\progra~1\a'bc.exe")
    assert not re.fullmatch(spelled, r"d:\progra~1\a'b\c.exe")
    assert "'" not in spelled
    assert "\\\\" not in spelled
    assert spell_path("/tmp/.x") == r"/tmp/\.x"
    assert spell_like(r"?:\a*") == r"_:\a%"
    assert spell_like("/tmp/Mozi.*") == "/tmp/Mozi.%"
    assert list_drives(r"?:\a", "CD") == (r"C:\a", r"D:\a")
    assert list_drives("/a") == ("/a",)
