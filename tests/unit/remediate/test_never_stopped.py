import os
import signal
from pathlib import Path

import pytest

from codered.model.paths import FilePath
from codered.remediate.drafts import Ground, Wishes
from codered.remediate.never_stopped import explain_never_stopped
from codered.remediate.process_places import serves_network
from tests.fixtures.children import Children, LiveTarget, wait_until

LISTEN = 'use IO::Socket::INET; my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1") or die; sleep 60'
IDLE = "sleep 60"


def explain(live: LiveTarget, pid: int, owner: str | None) -> str:
    def owner_of(_: FilePath) -> str | None:
        return owner

    return explain_never_stopped(pid, Ground(live, Wishes(owner_of=owner_of), {}))


def start(live: LiveTarget, place: str, code: str) -> tuple[int, Children]:
    """A program of this path below the root: perl under another name."""
    program = Path(live.info.root) / place
    program.parent.mkdir(parents=True, exist_ok=True)
    started = Children(program.parent)
    started.make_program(program.name, of="perl")
    process = started.start(program, "-e", code)
    if code == LISTEN:
        wait_until(lambda: serves_network(process.pid))
    return process.pid, started


@pytest.mark.parametrize(
    ("place", "owner", "code", "word"),
    [
        ("usr/sbin/sshd", "openssh-server", IDLE, "log in"),  # a session of one listens nowhere
        ("usr/lib/openssh/sshd-session", "openssh-server", IDLE, "log in"),
        ("usr/local/sbin/sshd", "", LISTEN, "log in"),  # self-built
        ("home/me/sshd/sbin/sshd", "", LISTEN, "log in"),
        ("usr/sbin/sshd", None, IDLE, "log in"),  # no records, or a container
        ("usr/local/sbin/sshd", "", IDLE, ""),
        ("tmp/sshd", "", LISTEN, ""),
        ("dev/shm/sshd", "openssh-server", LISTEN, ""),
        ("usr/local/.x/sshd", "", LISTEN, ""),
        ("usr/lib/systemd/systemd-journald", "systemd", IDLE, "system hangs on it"),
        ("usr/bin/dbus-daemon", "dbus-daemon", IDLE, "system hangs on it"),
        ("usr/bin/containerd-shim-runc-v2", "containerd", IDLE, "containers"),
        ("usr/lib/postgresql/15/bin/postgres", "postgresql-15", IDLE, "database"),
        ("usr/local/pgsql/bin/postgres", "", LISTEN, "database"),
        ("home/me/postgres", "", LISTEN, ""),  # a miner's favourite name
        ("var/lib/postgresql/postgres", "", IDLE, ""),
        ("usr/sbin/apache2", "apache2-bin", IDLE, "restart the service of apache2"),
        ("snap/core/1/usr/sbin/nginx", None, IDLE, "serves the web"),
        ("usr/bin/perl", "perl-base", LISTEN, ""),
        ("var/www/html/apache2", "", IDLE, ""),
    ],
)
def test_what_a_machine_can_not_do_without(
    live: LiveTarget, place: str, owner: str | None, code: str, word: str
) -> None:
    pid, started = start(live, place, code)
    try:
        because = explain(live, pid, owner)
    finally:
        started.end_all()
    assert word in because
    assert bool(word) == bool(because)


@pytest.mark.parametrize(("code", "word"), [(IDLE, ""), (LISTEN, "log in")])
def test_a_packages_path_alone_protects_nobody(live: LiveTarget, code: str, word: str) -> None:
    """A worm can start there and put the package's file back, or lie there in its own mounts only."""
    pid, started = start(live, "usr/sbin/sshd", code)
    try:
        program = Path(live.info.root) / "usr/sbin/sshd"
        program.unlink()
        program.write_bytes(b"the package's own")
        because = explain(live, pid, "openssh-server")
    finally:
        os.kill(pid, signal.SIGKILL)
        started.end_all()
    assert word in because
    assert bool(word) == bool(because)


def test_who_is_gone_is_not_protected(live: LiveTarget) -> None:
    assert explain(live, 4_194_303, "openssh-server") == ""
