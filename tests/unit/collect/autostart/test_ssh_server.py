"""The SSH server's settings."""

from pathlib import Path

import pytest

from codered.collect.autostart.reading import Reader
from codered.collect.autostart.ssh_server import read_ssh_settings
from codered.targets import open_target
from tests.fixtures.autostart_roots import DETACHED, judge, make_root, named, own, write


@pytest.mark.parametrize(
    "line",
    [
        "AuthorizedKeysCommand /usr/local/bin/keys %u",
        "AuthorizedKeysFile /tmp/keys .ssh/authorized_keys",
        "AuthorizedKeysFile .ssh/authorized_keys /var/cache/.k",
        "SetEnv LD_PRELOAD=/tmp/x.so",
        "PermitEmptyPasswords yes",
        "Subsystem sftp /usr/local/lib/sftp",
        "ForceCommand /tmp/.run",
        'AuthorizedKeysCommand="/dev/shm/keys"',
    ],
)
@pytest.mark.parametrize("place", ["etc/ssh/sshd_config", "etc/ssh/sshd_config.d/50-x.conf"])
def test_lines_that_let_somebody_in(tmp_path: Path, place: str, line: str) -> None:
    files = dict.fromkeys(("usr/local/bin/keys", "usr/local/lib/sftp", "tmp/.run", "dev/shm/keys", "tmp/keys"), "\x00")
    write(make_root(tmp_path), {**files, place: f"# x\n{line}\n"})
    found = named(judge(tmp_path))
    assert found[f"/{place}:2"].subject.key == "ssh_server"
    assert found[f"/{place}:2"].remedy == "remove_line"


def test_scripts_of_logins(tmp_path: Path) -> None:
    files = {"etc/ssh/sshrc": f"#!/bin/sh\n{DETACHED} &\n", "home/ann/.ssh/rc": "/tmp/.x/run &\n", "tmp/.x/run": "\0"}
    write(make_root(tmp_path), {**files, "home/ann/.ssh/environment": "LD_PRELOAD=/tmp/x.so\n"})
    assert {name for name, found in named(judge(tmp_path)).items() if found.remedy == "quarantine_file"} >= {
        "/etc/ssh/sshrc",
        "/home/ann/.ssh/rc",
        "/home/ann/.ssh/environment",
    }


def test_usual_settings_are_none(tmp_path: Path) -> None:
    own(make_root(tmp_path), "openssh", {"usr/lib/openssh/sftp-server": "\x7fELF\0", "usr/bin/keys": "\x7fELF\0"})
    text = """Include /etc/ssh/sshd_config.d/*.conf
PermitRootLogin prohibit-password
AuthorizedKeysFile	.ssh/authorized_keys .ssh/authorized_keys2
AuthorizedKeysFile /etc/ssh/keys/%u
AuthorizedKeysCommand /usr/bin/keys
Subsystem	sftp	/usr/lib/openssh/sftp-server
Subsystem sftp internal-sftp
AcceptEnv LANG LC_*
PermitEmptyPasswords no
Match Group sftp
    ForceCommand internal-sftp
Match User backup
    ForceCommand /usr/local/bin/rrsync -ro /srv
"""
    write(tmp_path, {"etc/ssh/sshd_config": text, "usr/local/bin/rrsync": "#!/bin/sh\ntrue\n"})
    write(tmp_path, {"home/ann/.ssh/rc": "if read proto cookie; then xauth -q -; fi\n"})
    assert judge(tmp_path) == ()


def test_garbage(tmp_path: Path) -> None:
    write(
        make_root(tmp_path),
        {"etc/ssh/sshd_config": "=\n= =\nForceCommand\nSubsystem x\n\0\xff\n" + "SetEnv " * 300_000},
    )
    assert judge(tmp_path) == ()


def test_all_settings_are_read(tmp_path: Path) -> None:
    write(
        make_root(tmp_path),
        {"etc/ssh/sshd_config": "", "etc/ssh/sshd_config.d/a.conf": "", "etc/ssh/sshd_config.d/b": ""},
    )
    found = [file.rel for file in read_ssh_settings(Reader(open_target(str(tmp_path))))]
    assert found == [b"etc/ssh/sshd_config", b"etc/ssh/sshd_config.d/a.conf"]
