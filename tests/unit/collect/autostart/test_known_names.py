"""Names and places of systems."""

import pytest

from codered.collect.autostart.known_names import is_known, known_names


def test_lists_are_bytes_of_relative_places() -> None:
    assert b"etc/ld.so.preload" in known_names("preload-files")
    assert is_known("openers", b"find")
    assert not is_known("openers", b"passwd")
    with pytest.raises(KeyError):
        known_names("no-such-list")


@pytest.mark.parametrize("name", ["privileged-starts", "pam-folders", "sudoers-folders", "web-roots", "grub-files"])
def test_places_lie_below_the_root(name: str) -> None:
    assert all(value and not value.startswith(b"/") for value in known_names(name))
