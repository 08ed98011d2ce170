from codered.export.controls.device_words import read_device_words
from codered.export.controls.orders import LISTED


def test_every_listed_platform_has_its_words() -> None:
    words = read_device_words()
    assert set(words) == set(LISTED)
    for platform, device in words.items():
        assert device.title, platform
        assert device.notes, platform
        assert device.lists, platform


def test_only_what_ends_in_a_hidden_deny_permits_the_rest() -> None:
    resting = {name for name, device in read_device_words().items() if any(one.rest for one in device.lists)}
    assert resting == {"cisco", "ciscoasa", "juniper"}


def test_an_asa_never_gets_a_permit_for_its_outside() -> None:
    asa = read_device_words()["ciscoasa"]
    assert all(one.sides == ("infected",) for one in asa.lists if one.rest)
    assert asa.each["attackers"].undo
