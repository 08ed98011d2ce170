"""Autostart entries, accounts and keys as nouns."""

import msgspec

from codered.model.paths import FilePath, path_from_bytes
from codered.model.persistence import Account, AuthorizedKey, Autostart


def test_an_entry_goes_by_the_name_its_system_uses() -> None:
    here = Autostart(kind="cron", path=FilePath("/mnt/image/etc/crontab"), shown="/etc/crontab")
    assert here.system_path() == "/etc/crontab"
    assert Autostart(kind="cron", path=FilePath("/etc/crontab")).system_path() == "/etc/crontab"


def test_they_survive_the_way_to_another_process() -> None:
    place = path_from_bytes(b"/etc/\xff")
    for one in (
        Autostart(kind="systemd", path=place, text=b"\xff\0", links=(place,), facts=frozenset(("recent",))),
        Account(name="x", uid=0, gid=0, path=place, line=3, text=b"x:\xff", groups=("sudo",)),
        AuthorizedKey(account="x", path=place, line=1, text=b"ssh-ed25519 \xff"),
    ):
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(one), type=type(one)) == one
