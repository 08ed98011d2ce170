import os
import shutil
import socket
from pathlib import Path

from codered.remediate.process_places import find_program, identify_program, sees_our_files, serves_network
from tests.fixtures.children import Children, wait_until

LISTEN = """use IO::Socket::INET; my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1") or die;
if (!fork) { close $s; sleep 60; exit }
print $s->sockport, "\\n"; sleep 60"""
GONE = 4_194_303  # no pid is as high


def test_the_program_of_a_process(children: Children) -> None:
    program = children.make_program("napper")
    process = children.start(program, "60")
    assert find_program(process.pid) == os.fsencode(program)
    seen = program.stat()
    assert identify_program(process.pid) == (seen.st_dev, seen.st_ino)
    program.unlink()
    assert find_program(process.pid) == os.fsencode(program)
    assert identify_program(process.pid) == (seen.st_dev, seen.st_ino)
    assert identify_program(GONE) is None


def test_who_sees_our_files(children: Children) -> None:
    assert sees_our_files(children.start("/bin/sleep", "60").pid)
    program = children.make_program("napper")
    if os.geteuid() == 0:
        children.start("/usr/bin/unshare", "--mount", "--fork", "--kill-child", program, "60")
        wait_until(lambda: len(children.find(program)) == 1)
        assert not sees_our_files(children.find(program)[0])
    assert not sees_our_files(GONE)


def test_who_serves_the_network(children: Children) -> None:
    """One that listens, and the processes of the same program below it: sessions of a login service, workers."""
    program = children.make_program("server", of="perl")
    server = children.start(program, "-e", LISTEN)
    wait_until(lambda: serves_network(server.pid))
    (worker,) = [pid for pid in children.find(program) if pid != server.pid]
    assert serves_network(worker)
    assert not serves_network(children.start("/bin/sleep", "60").pid)
    assert not serves_network(GONE)


def test_a_connection_is_no_service(children: Children) -> None:
    client = "use IO::Socket::INET; my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0]) or die; sleep 60"
    with socket.create_server(("127.0.0.1", 0)) as server:
        process = children.start(shutil.which("perl") or "", "-e", client, f"127.0.0.1:{server.getsockname()[1]}")
        connection, _ = server.accept()
        with connection:
            assert not serves_network(process.pid)
            assert Path(f"/proc/{process.pid}").exists()
