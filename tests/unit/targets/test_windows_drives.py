import struct

from hypothesis import given
from hypothesis import strategies as st

from codered.model.target import Volume
from codered.targets.windows_drives import DriveVolume, assume_drives, is_known, map_drives

SIGNED = DriveVolume("p1", 1 << 20, b"SIGN")
GPT = DriveVolume("p2", 1 << 30, guid=b"G" * 16)


def test_assumed_the_system_is_c() -> None:
    volumes = [DriveVolume("p1"), DriveVolume("p2", has_system=True), DriveVolume("p3")]
    assert assume_drives(volumes) == (Volume("p2", "C"), Volume("p1", "D"), Volume("p3", "E"))
    assert assume_drives([]) == ()
    assert len(assume_drives(DriveVolume(f"p{n}") for n in range(40))) == 24


def test_as_the_registry_says() -> None:
    mounted = {
        "\\DosDevices\\C:": b"DMIO:ID:" + b"G" * 16,
        "\\dosdevices\\e:": b"SIGN" + struct.pack("<Q", 1 << 20),
        "\\??\\Volume{1}": b"SIGN" + struct.pack("<Q", 1 << 20),
        "\\DosDevices\\D:": b"somebody else's",
    }
    other = DriveVolume("p3", 5, b"SIGN")
    assert map_drives([SIGNED, GPT, other], mounted) == (Volume("p1", "E"), Volume("p2", "C"), Volume("p3", "F"))


def test_a_system_that_its_own_registry_does_not_know_has_its_own_letter_all_the_same() -> None:
    mounted = {f"\\DosDevices\\{letter}:": b"of another disk " + letter.encode() for letter in "CDEF"}
    system = DriveVolume("p2", 1 << 30, b"SIGN", has_system=True)
    assert map_drives([SIGNED, system], mounted) == (Volume("p1", "G"), Volume("p2", "C"))
    assert map_drives([SIGNED, system], mounted, "D") == (Volume("p1", "G"), Volume("p2", "D"))
    assert not is_known(system, mounted)
    assert is_known(SIGNED, {"\\DosDevices\\X:": b"SIGN" + struct.pack("<Q", 1 << 20)})


@given(st.dictionaries(st.text(max_size=20), st.binary(max_size=30), max_size=5))
def test_hostile_values_give_letters_once(mounted: dict[str, bytes]) -> None:
    found = map_drives([SIGNED, GPT], mounted)
    assert [volume.prefix for volume in found] == ["p1", "p2"]
    assert len({volume.drive for volume in found}) == 2
