"""What the boot loader tells the kernel."""

from pathlib import Path

import pytest

from tests.fixtures.autostart_roots import DETACHED, judge, make_root, named, write

INIT = 'GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT init=/grub-x.sh"\n'


def test_another_init(tmp_path: Path) -> None:
    script = f"#!/bin/bash\n(\n( sleep 10; {DETACHED} & disown ) &\n) &\nexec /sbin/init\n"
    made = "menuentry x {\n\tlinux /boot/vmlinuz root=/dev/sda1 ro quiet init=/grub-x.sh\n}\n"
    write(
        make_root(tmp_path),
        {"etc/default/grub.d/99-x.cfg": "# x\n" + INIT, "grub-x.sh": script, "boot/grub/grub.cfg": made},
    )
    found = named(judge(tmp_path))
    assert {name: (finding.remedy, finding.confidence) for name, finding in found.items()} == {
        "/etc/default/grub.d/99-x.cfg:2": ("remove_line", "likely"),
        "/grub-x.sh": ("quarantine_file", "likely"),
        "/boot/grub/grub.cfg": ("", "likely"),
    }


@pytest.mark.parametrize(
    ("line", "finds"),
    [
        ('GRUB_CMDLINE_LINUX="quiet splash"', False),
        ('GRUB_CMDLINE_LINUX="init=/lib/systemd/systemd"', False),
        ('GRUB_CMDLINE_LINUX="rd.break"', True),
        ('GRUB_CMDLINE_LINUX="systemd.run=/opt/x"', True),
        ('GRUB_CMDLINE_LINUX="net.ifnames=0 initcall_debug"', False),
        ('GRUB_INIT_TUNE="480 440 1"', False),
        ("# GRUB_CMDLINE_LINUX=init=/x", False),
        ('GRUB_CMDLINE_LINUX="rdinit=/x"', True),
    ],
)
def test_lines_of_the_settings(tmp_path: Path, line: str, finds: bool) -> None:
    write(make_root(tmp_path), {"etc/default/grub": f"{line}\n"})
    assert bool(judge(tmp_path)) is finds


def test_scripts_of_grub(tmp_path: Path) -> None:
    texts = {"etc/grub.d/40_custom": "#!/bin/sh\nexec tail -n +3 $0\n", "etc/grub.d/99_x": f"#!/bin/sh\n{DETACHED} &\n"}
    write(make_root(tmp_path), texts, 0o755)
    assert list(named(judge(tmp_path))) == ["/etc/grub.d/99_x"]


def test_garbage(tmp_path: Path) -> None:
    write(
        make_root(tmp_path),
        {"etc/default/grub": "CMDLINE init=" * 100_000, "boot/grub/grub.cfg": "\0linux\0\xff init="},
    )
    judge(tmp_path)
