from pathlib import Path

from codered.targets.windows_places import list_usual_windows_roots, list_windows_places


def test_only_what_is_there_is_a_place_and_every_user_counts(tmp_path: Path) -> None:
    for name in ("inetpub", "Users/ann/AppData/Local/Temp", "Users/bob/AppData/Local/Temp", "Windows/Temp"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "explorer.exe").write_bytes(b"marker")
    (tmp_path / "ProgramData").symlink_to(tmp_path / "Users")
    places = {place.what: place.paths for place in list_windows_places(("C",), {"C": str(tmp_path)})}
    assert places["web roots"] == (str(tmp_path / "inetpub"),)
    assert places["temporary folders"] == (
        str(tmp_path / "Windows/Temp"),
        str(tmp_path / "Users/ann/AppData/Local/Temp"),
        str(tmp_path / "Users/bob/AppData/Local/Temp"),
    )
    assert places["files of drives themselves"] == (str(tmp_path / "explorer.exe"),)
    assert places["users' folders"] == ()


def test_drives_that_are_not_there_have_no_places() -> None:
    assert all(place.paths == () for place in list_windows_places(("Q",)))


def test_usual_web_roots_are_told_whether_they_are_there_or_not() -> None:
    assert "?:\\inetpub" in list_usual_windows_roots()
