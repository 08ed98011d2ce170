"""Hooks of the RAM disk, and RAM disks that were changed."""

import hashlib
from pathlib import Path

import pytest

from tests.fixtures.autostart_roots import DETACHED, judge, make_root, named, own, write

ADDS = "#!/bin/sh\nmount -o remount,rw /sysroot\necho x:1:2 >> /sysroot/etc/shadow\necho x:x:0 >> /sysroot/etc/passwd\n"


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("usr/lib/dracut/modules.d/99x/backdoor-user.sh", ADDS),
        ("etc/initramfs-tools/scripts/init-bottom/x", ADDS.replace("/sysroot", "${rootmnt}")),
        ("etc/initramfs-tools/hooks/x", f"#!/bin/sh\n{DETACHED} &\n"),
    ],
)
def test_a_hook_that_adds_accounts_or_shells(tmp_path: Path, place: str, text: str) -> None:
    write(make_root(tmp_path), {place: text}, 0o755)
    found = named(judge(tmp_path))[f"/{place}"]
    assert (found.remedy, found.confidence, found.subject.key) == ("quarantine_file", "likely", "initramfs")


def test_an_administrators_hook_is_none(tmp_path: Path) -> None:
    own(make_root(tmp_path), "dracut", {"usr/lib/dracut/modules.d/98x/run.sh": ADDS})
    hook = "#!/bin/sh\n. /usr/share/initramfs-tools/hook-functions\ncopy_exec /usr/bin/tool /bin\n"
    write(tmp_path, {"etc/initramfs-tools/hooks/tool": hook, "etc/initramfs-tools/modules": "x\n"}, 0o755)
    assert judge(tmp_path) == ()


def test_an_image_that_was_changed(tmp_path: Path) -> None:
    digest = hashlib.sha1(b"as made").hexdigest()
    files = {"boot/initrd.img-6.1.0-1": "changed", "boot/initrd.img-6.1.0-2": "as made"}
    for version in ("6.1.0-1", "6.1.0-2", "6.1.0-3"):
        files[f"var/lib/initramfs-tools/{version}"] = f"{digest}  /boot/initrd.img-{version}\n"
    write(make_root(tmp_path), files)
    found = named(judge(tmp_path))
    assert list(found) == ["/boot/initrd.img-6.1.0-1"]
    assert (found["/boot/initrd.img-6.1.0-1"].remedy, found["/boot/initrd.img-6.1.0-1"].confidence) == ("", "likely")


def test_garbage_for_checksums(tmp_path: Path) -> None:
    files = {
        f"var/lib/initramfs-tools/{number}": text
        for number, text in enumerate(
            ["", "\0\xff", "x" * 40 + "  /etc/passwd", "a" * 40 + "  /boot/../etc/passwd", "a" * 2_000_000] * 3
        )
    }
    write(make_root(tmp_path), files)
    assert judge(tmp_path) == ()
