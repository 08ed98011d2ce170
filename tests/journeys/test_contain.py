"""`codered contain` on a host of a test's own network: real ssh sessions, other people's rules, a dead tool."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from codered.model.containment import ContainmentList
from codered.model.firewall import ContainmentStatus
from codered.remediate.keeping.records import ContainmentFolder, list_containments
from codered.remediate.keeping.starting import stop_keeper
from tests.fixtures.command import SOURCE, Answer
from tests.fixtures.contained import within
from tests.fixtures.networks import Network, running_network
from tests.fixtures.ssh_servers import SshServer, running_ssh_server

PATIENCE = 30.0
KEYSTROKES = 250
OTHERS = """
table ip docker {
  chain forward {
    type filter hook forward priority 0; policy accept;
    ip saddr 172.17.0.0/16 counter accept
  }
}
table inet firewalld {
  set open {
    type inet_service
    elements = { 22, 2222 }
  }
  chain input {
    type filter hook input priority 10; policy accept;
    tcp dport @open accept
  }
}
"""
NO_LIBRARY = 'mount --bind /dev/null "$(readlink -f /usr/lib/*/libnftables.so.1)" && exec "$@"'


class Host:
    """The host of a network, and the words that are said on it."""

    def __init__(self, network: Network, folder: Path) -> None:
        self.network = network
        self.state = folder / "state"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHONPATH": str(SOURCE),
            "PYTHONDONTWRITEBYTECODE": "1",
            "CODERED_STATE": str(self.state),
            "CODERED_CACHE": str(folder / "cache"),
        }

    def contain(self, *words: str, before: tuple[str, ...] = ()) -> Answer:
        return self.codered("contain", *words, before=before)

    def codered(self, *words: str, before: tuple[str, ...] = ()) -> Answer:
        done = subprocess.run(
            self.network.host.command(*before, sys.executable, "-m", "codered", *words),
            env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return Answer(done.returncode, done.stdout, done.stderr)

    def list_all(self) -> tuple[ContainmentStatus, ...]:
        return msgspec.json.decode(self.contain("status", "--json").out, type=ContainmentList).containments

    def rules(self, *options: str) -> str:
        return self.network.host.run("nft", *options, "list", "ruleset").stdout

    def reaches(self, port: int = 80) -> bool:
        """Whether a connection out to the world comes about."""

        def connect() -> bool:
            try:
                socket.create_connection(("198.51.100.7", port), timeout=0.7).close()
            except TimeoutError:
                return False
            return True

        return within(self.network.host, connect)


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with running_network() as found:
        yield found


@pytest.fixture
def host(network: Network, tmp_path: Path) -> Iterator[Host]:
    here = Host(network, tmp_path)
    yield here
    for name in list_containments(here.state):
        stop_keeper(ContainmentFolder(here.state, name))
    network.host.run("nft", "flush", "ruleset")


def wait_until(holds: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.02)


def test_there_and_back_and_everybody_elses_rules_as_they_were(host: Host, tmp_path: Path) -> None:
    (tmp_path / "others.nft").write_text(OTHERS)
    host.network.host.run("nft", "-f", str(tmp_path / "others.nft"))
    before = host.rules("-a")
    assert host.reaches()
    answer = host.contain("on", "--confirm-within", "0", "--yes", "--json")
    assert answer.code == 0
    status = msgspec.json.decode(answer.out, type=ContainmentStatus)
    assert (status.kind, status.state) == ("isolate_host", "holding")
    assert status.kept_by
    assert not host.reaches()
    (listed,) = host.list_all()
    assert listed.packets > 0
    assert host.contain("off", status.plan, "--yes").code == 0
    assert host.rules("-a") == before
    assert host.reaches()
    again = host.contain("off", status.plan, "--yes")
    assert (again.code, "already" in again.err) == (0, True)
    assert host.contain("status").code == 0


def test_nothing_is_changed_unless_somebody_agrees(host: Host) -> None:
    answer = host.contain("on")
    assert (answer.code, "nobody is there to ask" in answer.err) == (4, True)
    answer = host.contain("on", "--dry-run")
    assert (answer.code, "stops   everything" in answer.out) == (0, True)
    assert (host.rules(), host.list_all()) == ("", ())


def test_two_at_once_end_by_themselves_and_by_name(host: Host) -> None:
    block = msgspec.json.decode(host.contain("on", "--block", "tcp:80", "--yes", "--json").out, type=ContainmentStatus)
    slow = msgspec.json.decode(host.contain("on", "--throttle", "2/s", "--yes", "--json").out, type=ContainmentStatus)
    assert {each.kind for each in host.list_all()} == {"block_outbound", "throttle_outbound"}
    several = host.contain("off", "--yes")
    assert (several.code, "several" in several.err) == (2, True)
    assert not host.reaches()
    assert host.contain("off", block.plan, "--yes").code == 0
    assert host.reaches()
    assert [each.plan for each in host.list_all()] == [slow.plan]
    assert host.contain("off", "--yes").code == 0


def test_a_flush_is_put_back_and_a_rollback_is_not(host: Host) -> None:
    made = msgspec.json.decode(host.contain("on", "--block", "tcp:80", "--yes", "--json").out, type=ContainmentStatus)
    host.network.host.run("nft", "flush", "ruleset")
    wait_until(lambda: "codered" in host.rules(), "nobody put it back")
    assert not host.reaches()
    assert host.codered("rollback", made.plan, "--yes").code == 0
    folder = ContainmentFolder(host.state, made.plan)
    wait_until(lambda: not folder.find_keeper(), "the keeper goes on after a rollback")
    assert (host.rules(), host.list_all()) == ("", ())
    assert host.reaches()


def test_with_the_tool_dead_the_kernel_opens_it(host: Host) -> None:
    answer = host.contain("on", "--block", "tcp:80", "--confirm-within", "3s", "--yes", "--json")
    made = msgspec.json.decode(answer.out, type=ContainmentStatus)
    assert made.state == "armed"
    os.kill(made.kept_by, 9)
    assert not host.reaches()
    wait_until(host.reaches, "it never opened")
    (status,) = host.list_all()
    assert (status.state, status.kept_by) == ("opened", 0)
    assert host.contain("status").code == 1
    assert host.contain("confirm").code == 4
    assert host.contain("off", "--yes").code == 0


def test_confirmed_it_stays_and_its_time_ends_it(host: Host) -> None:
    words = ("--block", "tcp:80", "--confirm-within", "20s", "--undo-after", "6s", "--yes")
    assert host.contain("on", *words).code == 0
    wait_until(host.reaches, "its time never came")
    wait_until(lambda: not host.list_all(), "it was not undone")
    # Long enough to say it on a machine that is busy.
    answer = host.contain("on", "--block", "tcp:80", "--confirm-within", "15s", "--yes", "--json")
    opens = msgspec.json.decode(answer.out, type=ContainmentStatus).opens
    assert host.contain("confirm").code == 0
    assert opens is not None
    time.sleep(max(0.0, (opens - datetime.now(UTC)).total_seconds()) + 1)
    (status,) = host.list_all()
    assert status.state == "holding"
    assert not host.reaches()


def test_a_keeper_that_was_killed_is_told_and_started_again(host: Host) -> None:
    made = msgspec.json.decode(host.contain("on", "--block", "tcp:80", "--yes", "--json").out, type=ContainmentStatus)
    os.kill(made.kept_by, 9)
    folder = ContainmentFolder(host.state, made.plan)
    wait_until(lambda: not folder.find_keeper(), "it lives on")
    answer = host.contain("status")
    assert (answer.code, "nobody keeps it" in answer.out) == (3, True)
    host.network.host.run("nft", "flush", "ruleset")
    assert (host.contain("status").code, host.list_all()[0].state) == (1, "flushed")
    assert host.contain("status", "--keep").code in (0, 1)
    wait_until(lambda: host.list_all()[0].state == "holding", "it is not put back")
    assert host.contain("status").code == 0


def test_a_process_is_frozen_with_it_and_goes_on_after(host: Host) -> None:
    with subprocess.Popen(["sleep", "300"]) as sleeper:
        try:
            stat = Path(f"/proc/{sleeper.pid}/stat")
            assert host.contain("on", "--block", "tcp:80", "--freeze", str(sleeper.pid), "--yes").code == 0
            assert stat.read_text().rpartition(")")[2].split()[0] == "T"
            assert host.contain("off", "--yes").code == 0
            assert stat.read_text().rpartition(")")[2].split()[0] == "S"
            refused = host.contain("on", "--block", "tcp:80", "--freeze", "1", "--yes")
            assert (refused.code, host.rules()) == (4, "")
        finally:
            sleeper.kill()


@pytest.mark.parametrize(
    ("before", "story"),
    [
        (("setpriv", "--reuid=65534", "--clear-groups"), "root"),
        (("unshare", "--mount", "sh", "-c", NO_LIBRARY, "sh"), "libnftables"),
    ],
    ids=["no root", "no library"],
)
def test_without_rights_or_library_it_says_what_to_do(host: Host, before: tuple[str, ...], story: str) -> None:
    words = (sys.executable, "-m", "codered", "contain", "on", "--yes")
    environment = host.environment | {"CODERED_STATE": f"{host.state}-of-nobody"}
    if story == "root" and not os.access(sys.executable, os.X_OK):
        pytest.skip("nobody may not run this interpreter")
    done = subprocess.run(
        host.network.host.command(*before, *words), env=environment, capture_output=True, text=True, timeout=60,
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert (done.returncode, host.rules()) == (4, ""), done.stderr
    assert story in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def server(host: Host, tmp_path: Path) -> Iterator[SshServer]:
    with running_ssh_server(host.network, tmp_path, host.environment) as found:
        yield found


def test_not_one_keystroke_of_a_live_session_is_lost(host: Host, server: SshServer, tmp_path: Path) -> None:
    other = subprocess.Popen(server.command("sleep 300"), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    tool = f"{sys.executable} -m codered contain on --isolate --yes --json"
    begin = f"sleep 1; {tool} >{tmp_path}/on.json 2>{tmp_path}/on.txt; touch {tmp_path}/done"
    remote = f"({begin}) & stty raw -echo; echo ready; exec cat"
    session = subprocess.Popen(server.command(remote, "-tt"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    try:
        assert session.stdin
        assert session.stdout
        heard = b""
        while not heard.endswith(b"ready\n"):
            heard += session.stdout.read(1) or pytest.fail("the session did not come up")
        echoed = b""
        done, until = tmp_path / "done", time.monotonic() + 2 * PATIENCE
        while len(echoed) < KEYSTROKES or not done.exists():  # also while it is contained, however long that takes
            assert time.monotonic() < until, (tmp_path / "on.txt").read_text()
            session.stdin.write(b"%c" % (97 + len(echoed) % 26))
            echoed += session.stdout.read(1)
            time.sleep(0.02)
        assert echoed == bytes(97 + number % 26 for number in range(len(echoed)))
        status = msgspec.json.decode((tmp_path / "on.json").read_bytes(), type=ContainmentStatus)
        assert (status.state, host.reaches()) == ("armed", False)  # over ssh it waits for a confirmation
        told = (tmp_path / "on.txt").read_text()
        assert "unless you confirm it" in told
        # Somebody else's connection was ended.
        assert len(host.network.host.run("ss", "-Htn", "state", "established").stdout.splitlines()) == 1
        assert host.contain("off", "--yes").code == 0
    finally:
        for process in (session, other):
            process.kill()
            process.wait()
        for stream in (session.stdin, session.stdout):
            if stream:
                stream.close()
