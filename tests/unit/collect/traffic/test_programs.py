import os
import subprocess
import threading
import time

import pytest

from codered.collect.process_identity import identify_process
from codered.collect.traffic.programs import Program, Programs, read_program
from codered.model.process import ProcessId
from tests.fixtures.running import running, wait_until


def test_a_running_process() -> None:
    with running("sleep", "60") as pid:
        wait_until(lambda: (found := read_program(pid)) is not None and found.command == "sleep 60")
        found = read_program(pid)
        assert found is not None
        assert (found.id, found.command, found.uid) == (identify_process(pid), "sleep 60", os.getuid())
        assert found.key == b"pid %d %d" % (found.id.pid, found.id.start)
        assert os.path.basename(found.program) == "sleep"
        assert found.network == os.readlink("/proc/self/ns/net")
    assert read_program(pid) is None


@pytest.mark.parametrize("ask_kernel", [True, False])
def test_a_thread_belongs_to_its_process(ask_kernel: bool) -> None:
    programs = Programs(dict, ask_kernel=ask_kernel)
    numbers: list[int] = []
    done = threading.Event()

    def work() -> None:
        numbers.append(threading.get_native_id())
        done.wait(20)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        wait_until(lambda: bool(numbers))
        found = programs.find(numbers[0], time.monotonic_ns())
        assert found is not None
        assert found.id == identify_process(os.getpid())
    finally:
        done.set()
        thread.join()
        programs.close()
        programs.close()


def test_what_is_gone_is_known_by_what_the_kernel_told() -> None:
    programs = Programs(dict)
    if not programs.told:
        pytest.skip("the kernel tells nothing in this namespace")
    child = subprocess.Popen(["sleep", "0"])
    child.wait()
    programs.catch_up()
    found = programs.find(child.pid, time.monotonic_ns())
    programs.close()
    assert found is not None
    assert found.id.pid == child.pid


def test_what_is_gone_and_executed_nothing_is_what_its_parent_was() -> None:
    programs = Programs(dict)
    if not programs.told:
        pytest.skip("the kernel tells nothing in this namespace")
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    programs.catch_up()
    found, here = programs.find(child, time.monotonic_ns()), read_program(os.getpid())
    programs.close()
    assert found is not None
    assert here is not None
    assert (found.id.pid, found.program) == (child, here.program)
    assert found.key != here.key


def test_a_number_that_belongs_to_a_younger_one_is_not_taken_for_it() -> None:
    programs = Programs(dict, ask_kernel=False)
    with running("sleep", "60") as pid:
        assert programs.find(pid, time.monotonic_ns() - 3600 * 10**9) is None
        assert programs.find(pid, time.monotonic_ns()) is not None
    programs.close()


def test_threads_that_are_gone_are_asked_for() -> None:
    own = os.getpid()
    programs = Programs(lambda: {999_999_999: own}, ask_kernel=False)
    programs.find(own, time.monotonic_ns())
    found = programs.find(999_999_999, time.monotonic_ns())
    programs.close()
    assert found is not None
    assert found.id.pid == own


def test_a_zombies_blanks_replace_nothing() -> None:
    programs = Programs(dict, ask_kernel=False)
    child = subprocess.Popen(["sleep", "60"])
    try:
        wait_until(lambda: (seen := read_program(child.pid)) is not None and seen.name == "sleep")
        before = programs.find(child.pid, time.monotonic_ns())
        assert before is not None
        child.kill()
        wait_until(lambda: (seen := read_program(child.pid)) is not None and not seen.program)
        assert programs.look_again(before) == before
    finally:
        child.kill()
        child.wait()
    assert programs.look_again(before) == before
    other = Program(ProcessId(os.getpid(), 1), b"")
    assert programs.look_again(other) is other
    programs.close()
