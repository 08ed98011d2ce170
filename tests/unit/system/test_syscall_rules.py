import errno

from codered.system.syscall_rules import Writing, list_rules


def refused(name: str, writing: Writing, *arguments: int) -> int:
    """The error that a call with these arguments gets by the rules; 0 if it passes. Reads them as the kernel does."""
    for rule in list_rules(writing, 77):
        if rule.name == name and all(
            arguments[one.arg] != one.a if one.op == 1 else arguments[one.arg] & one.a == one.b for one in rule.when
        ):
            return rule.error
    return 0


READ, WRITE, BOTH, CREATE, NEW, CUT, UNNAMED = 0, 1, 2, 0o100, 0o200, 0o1000, 0o20200000
NOTHING, TEMPORARY, FRESH = Writing(), Writing(unnamed=True), Writing(new=True)


def test_only_reading_opens() -> None:
    for writing in (NOTHING, TEMPORARY, FRESH):
        assert refused("openat", writing, 0, 0, READ) == 0
        for flags in (WRITE, BOTH, WRITE | BOTH, READ | CUT, READ | CREATE, WRITE | CREATE, BOTH | CREATE | CUT):
            assert refused("openat", writing, 0, 0, flags) == errno.EPERM
            assert refused("open", writing, 0, flags) == errno.EPERM
        assert refused("openat", writing, 0, 0, WRITE | NEW) == errno.EPERM  # O_EXCL alone opens what is there


def test_what_may_be_written_is_that_alone() -> None:
    assert refused("openat", TEMPORARY, 0, 0, BOTH | UNNAMED) == 0
    assert refused("openat", FRESH, 0, 0, BOTH | UNNAMED) == refused("openat", NOTHING, 0, 0, BOTH | UNNAMED) == 1
    assert refused("openat", FRESH, 0, 0, WRITE | CREATE | NEW) == 0
    assert refused("openat", FRESH, 0, 0, WRITE | CREATE | NEW | CUT) == errno.EPERM
    assert refused("openat", TEMPORARY, 0, 0, WRITE | CREATE | NEW) == errno.EPERM
    assert {refused("utimensat", writing, 3, 0, 0, 0) for writing in (NOTHING, TEMPORARY, FRESH)} == {errno.EPERM}
    assert refused("unlinkat", FRESH) == 0
    assert refused("unlinkat", TEMPORARY) == errno.EPERM


def test_a_process_signals_itself_and_asks_whether_others_are_there() -> None:
    assert (
        refused("kill", NOTHING, 77, 6) == refused("tgkill", NOTHING, 77, 78, 6) == refused("kill", NOTHING, 1, 0) == 0
    )
    assert refused("kill", NOTHING, 1, 9) == refused("tgkill", NOTHING, 1, 1, 9) == errno.EPERM


def test_threads_start_and_processes_do_not() -> None:
    assert refused("clone", NOTHING, 0x10000 | 0x100) == 0
    assert refused("clone", NOTHING, 17) == refused("fork", NOTHING) == errno.EPERM
    assert refused("clone3", NOTHING) == refused("openat2", NOTHING) == errno.ENOSYS  # its flags can't be seen


def test_typing_into_a_terminal_is_seen_through_bits_that_the_kernel_ignores() -> None:
    assert refused("ioctl", NOTHING, 0, 0x5412) == refused("ioctl", NOTHING, 0, 0xFF << 32 | 0x5412) == errno.EPERM
    assert refused("ioctl", NOTHING, 0, 0x5401) == refused("ioctl", NOTHING, 0, 0xFF << 32 | 0x5401) == 0


def test_of_orders_to_devices_and_file_systems_those_that_ask_are_left() -> None:
    asking = (0x5401, 0x80081272, 0xC0606610, 0x80086601)
    assert [order for order in asking if refused("ioctl", NOTHING, 0, order)] == []
    writing = (0x40086602, 0x40087602, 0x40806685, 0x40047211, 0x5000940E, 0x8901, 0x5452, 0x8902, 0x5410, 0)
    assert [order for order in writing if not refused("ioctl", NOTHING, 0, order)] == []
    beside = {order ^ 1 << bit for order in asking for bit in range(32)}
    assert {order for order in beside if not refused("ioctl", NOTHING, 0, order)} == {
        0x5421,
        0x80087601,
    }  # they ask too


def test_a_descriptor_sends_no_signals() -> None:
    duplicate, flags, take_flags, nonblocking, asynchronous = 0, 4, 3, 0o4000, 0o20000
    for command in (8, 10, 15, 1024, 1026):
        assert refused("fcntl", NOTHING, 0, command, 1) == refused("fcntl", NOTHING, 0, 1 << 32 | command, 1) == 1
    assert refused("fcntl", NOTHING, 0, flags, nonblocking | asynchronous) == errno.EPERM
    for command in (duplicate, flags, take_flags):
        assert refused("fcntl", NOTHING, 0, command, nonblocking) == 0


def test_nobodys_share_of_the_processor_is_changed_but_ones_own() -> None:
    assert refused("sched_setaffinity", NOTHING, 0) == refused("setpriority", NOTHING, 0, 0, 19) == 0
    assert refused("sched_setaffinity", NOTHING, 5) == refused("sched_setscheduler", NOTHING, 5) == errno.EPERM
    assert refused("setpriority", NOTHING, 0, 5, 19) == refused("setpriority", NOTHING, 2, 0, 19) == errno.EPERM
    assert refused("ioprio_set", NOTHING, 1, 0, 0) == 0
    assert refused("ioprio_set", NOTHING, 3, 0, 0) == refused("ioprio_set", NOTHING, 1, 5, 0) == errno.EPERM


def test_what_processes_share_is_neither_used_nor_taken_away() -> None:
    calls = ("shmctl", "semctl", "msgctl", "msgrcv", "semop", "semtimedop", "shmget", "msgsnd")
    assert [call for call in calls if refused(call, NOTHING) != errno.EPERM] == []
