import hashlib
import os
import time
from pathlib import Path

from codered.collect.process_identity import identify_process
from codered.collect.traffic.programs import Program, Programs
from codered.collect.traffic.who import GONE, Actors, show_address
from codered.model.process import ProcessId
from codered.model.traffic import Actor

OWN = b"\x0a\x00\x00\x01"


def make_actors() -> tuple[Actors, Programs]:
    programs = Programs(dict, ask_kernel=False)
    return Actors(programs), programs


def test_a_process_is_described_and_its_program_summed() -> None:
    actors, programs = make_actors()
    key, program = actors.find(os.getpid(), time.monotonic_ns(), OWN)
    assert program is not None
    found = actors.describe(key)
    assert (found.process, found.address, found.why_no_process) == (identify_process(os.getpid()), "10.0.0.1", "")
    assert found.program == os.readlink("/proc/self/exe")
    assert actors.hash_program(key) == hashlib.sha256(Path("/proc/self/exe").read_bytes()).hexdigest()
    assert actors.is_ours(program, OWN, by_address=True)
    assert not actors.is_ours(program, OWN, by_address=False)
    assert not actors.is_foreign(key)
    programs.close()


def test_nobody_is_described_by_his_address_and_why() -> None:
    actors, programs = make_actors()
    assert actors.name_nobody(OWN, "a raw frame") == OWN
    assert actors.describe(OWN) == Actor(address="10.0.0.1", why_no_process="a raw frame")
    assert "address only" in actors.describe(b"\x01\x02\x03\x04").why_no_process
    assert actors.describe(b"no address").address == ""
    assert actors.hash_program(OWN) == ""
    programs.close()


def test_what_is_gone_says_so() -> None:
    actors, programs = make_actors()
    key, program = actors.find(999_999_999, time.monotonic_ns(), OWN)
    assert (program, actors.describe(key).why_no_process) == (None, GONE)
    assert actors.is_ours(None, OWN, by_address=True)
    assert not actors.is_ours(None, b"\x7f\x00\x00\x01", by_address=True)
    programs.close()


def test_a_gone_program_is_summed_by_its_path_unless_it_is_another_namespaces(tmp_path: Path) -> None:
    actors, programs = make_actors()
    (tmp_path / "program").write_bytes(b"marker")
    own = os.readlink("/proc/self/ns/net")
    for start, network, place in ((1, own, "program"), (2, "net:[1]", "program"), (3, own, ""), (4, own, "none")):
        gone = ProcessId(999_999_999, start)
        key = actors.name(Program(gone, b"pid %d" % start, "x", f"{tmp_path}/{place}", "", 0, network), OWN)
        expected = hashlib.sha256(b"marker").hexdigest() if start == 1 else ""
        assert actors.hash_program(key) == expected
    assert actors.is_foreign(b"pid 2")
    programs.close()


def test_hostile_names_and_strange_users_are_shown() -> None:
    actors, programs = make_actors()
    key = actors.name(Program(ProcessId(7, 1), b"k", "a\nb", "/tmp/x (deleted)", "c", 4_000_000_000), b"")
    found = actors.describe(key)
    assert (found.name, found.program, found.user, found.address) == ("a\nb", "/tmp/x", "4000000000", "")
    assert actors.describe(actors.name(Program(ProcessId(7, 2), b"l"), b"")).user == ""
    programs.close()


def test_addresses() -> None:
    assert [show_address(one) for one in (OWN, bytes(15) + b"\x01", b"abc")] == ["10.0.0.1", "::1", ""]
