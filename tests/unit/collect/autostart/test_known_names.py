"""Names and places of systems."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codered.collect.autostart.known_names import is_known, known_names
from codered.detect.autostart import judge_autostart
from codered.model.allow_list import NOTHING_ALLOWED
from tests.fixtures.autostart_roots import collect, make_root, shipped_heuristics, write


def test_lists_are_bytes_of_relative_places() -> None:
    assert b"etc/ld.so.preload" in known_names("preload-files")
    assert is_known("openers", b"find")
    assert not is_known("openers", b"passwd")
    with pytest.raises(KeyError):
        known_names("no-such-list")


@pytest.mark.parametrize("name", ["privileged-starts", "pam-folders", "sudoers-folders", "web-roots", "grub-files"])
def test_places_lie_below_the_root(name: str) -> None:
    assert all(value and not value.startswith(b"/") for value in known_names(name))


WORDS = """= [ ] \\ install remove auth session pam_exec.so NOPASSWD: ALL Defaults LD_PRELOAD LoadModule | CustomLog
init= linux CMDLINE auto_prepend_file AddHandler application/x-httpd-php .jpg AuthorizedKeysFile Subsystem
ForceCommand SetEnv / // /tmp/x .. %h # @includedir /etc root x : :0:0: " ' < Files Exec= User= extension= rd.break
ssh-rsa AAAA env_keep !authenticate include_shell systemd.run= <policy default own ResultAny=yes
Action=* Identity=unix-user:* * { } ~ $ ${ - +"""
BETWEEN = ("\0", "\xff", "\r", "\n", "\n", "\n", "\t")
ENDINGS = {
    ".rules": ("polkit-rule-folders",),
    ".pkla": ("polkit-authority-folders",),
    ".policy": ("polkit-action-folders",),
    ".service": ("dbus-service-folders",),
    ".ini": ("php-folders", "php-tops"),
    ".conf": ("dbus-policy-folders", "ssh-folders", "module-load-folders", "modprobe-folders", "library-folders"),
    "": ("pam-folders", "sudoers-folders", "initramfs-folders", "grub-folders", "web-server-folders", "boot-folders"),
}
FILES = """preload-files pam-files sudoers-files module-load-files initramfs-files grub-files boot-files php-files
ssh-files ssh-scripts dbus-policy-files"""


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from((*WORDS.split(), *BETWEEN)), min_size=3, max_size=60), st.sampled_from(("", " ")))
def test_garbage_in_every_place_ends_nothing(words: list[str], between: str) -> None:
    text = between.join(words)
    places = [place.decode() for name in FILES.split() for place in known_names(name)]
    for ending, names in ENDINGS.items():
        places += [f"{place.decode()}/x{ending}" for name in names for place in known_names(name)]
    places += ["root/.ssh/rc", "var/www/html/.htaccess", "var/www/html/.user.ini", "var/lib/initramfs-tools/6"]
    with TemporaryDirectory() as folder:
        root = make_root(Path(folder))
        for place in places:
            if not (root / place).exists() and not (root / place).parent.is_file():
                write(root, {place: text})
        seen = collect(root)
        assert all(entry.path.text.startswith(folder) for entry in seen.entries)
        judge_autostart(seen, shipped_heuristics(), NOTHING_ALLOWED, datetime.now(UTC))
