import pytest

from codered.targets.compatibility_junctions import is_compatibility_junction


@pytest.mark.parametrize(
    ("folder", "leads"),
    [(b"C:", b"C:/Users"), (b"C:/Users", b"c:/ProgramData"), (b"C:/Users/jo", b"C:/Users/jo/AppData/Local"),
     (b"C:/USERS/Public/Documents", b"C:/Users/Public/Music")],
)  # fmt: skip
def test_what_every_system_has(folder: bytes, leads: bytes) -> None:
    assert is_compatibility_junction(folder, leads)


@pytest.mark.parametrize(
    ("folder", "leads"),
    [(b"C:", b"C:/worm"), (b"C:/Users/jo", b"C:/Users/eve/AppData/Local"), (b"C:/inetpub", b"C:/Users"), (b"C:", b""),
     (b"C:", b"D:/Users"), (b"", b""), (b"C:/Users/jo", b"C:/Users/*/documents"), (b"\xff", b"\xff/x")],
)  # fmt: skip
def test_all_others(folder: bytes, leads: bytes) -> None:
    assert not is_compatibility_junction(folder, leads)
