"""What a process that reads hostile bytes may not ask of the kernel. Everything else it may: a list of what is allowed
would differ with each C library, and break scans where nobody tried them.
"""

import errno
import os
from collections.abc import Collection, Iterator
from typing import NamedTuple

UNKNOWN = -1  # libseccomp's answer for a name that it does not know
_NOT_EQUAL, _MASKED_EQUAL = 1, 7
_WORD = 0xFFFFFFFF  # the kernel looks at this half of an argument that is an int
_THREAD = 0x00010000  # CLONE_THREAD
_UNNAMED = 0o20000000  # what O_TMPFILE has beside O_DIRECTORY
_PROGRAMS = ("execve", "execveat", "fork", "vfork", "memfd_secret", "userfaultfd", "perf_event_open", "seccomp")
_NETWORK = (
    "socket", "socketpair", "socketcall", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg",
    "sendmmsg", "shutdown", "setsockopt",
)  # fmt: skip
_OTHERS = (
    "ptrace", "process_vm_writev", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "move_pages", "migrate_pages",
    "setns", "unshare", "setrlimit", "mq_open", "mq_unlink", "ipc", "shmget", "shmat", "shmctl", "msgget", "msgsnd",
    "msgrcv", "msgctl", "semget", "semop", "semtimedop", "semctl",
)  # fmt: skip
_OF_OTHERS = ("sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr")  # 0 is who calls
_IDENTITY = (
    "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid", "setgroups",
    "keyctl", "add_key", "request_key", "personality",
)  # fmt: skip
_SYSTEM = (
    "mount", "umount", "umount2", "pivot_root", "chroot", "bpf", "kexec_load", "kexec_file_load", "init_module",
    "finit_module", "delete_module", "reboot", "swapon", "swapoff", "acct", "quotactl", "syslog", "settimeofday",
    "clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname", "iopl", "ioperm", "vhangup",
    "fanotify_init", "open_by_handle_at",
)  # fmt: skip
_FILES = (
    "creat", "truncate", "truncate64", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat",
    "rmdir", "mkdir", "mkdirat", "mknod", "mknodat", "chmod", "fchmod", "fchmodat", "chown", "fchown",
    "lchown", "fchownat", "setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr",
    "utime", "utimes", "futimesat", "utimensat",
)  # fmt: skip
_TAKING_AWAY = ("unlink", "unlinkat")
# By number, which is the same on all processors: a libseccomp that is older than these calls knows no names for them.
_NEWER = {
    "utimensat_time64": 412,  # of processors with 32 bits
    "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_getfd": 438,
    "process_madvise": 440, "mount_setattr": 442, "quotactl_fd": 443, "process_mrelease": 448, "fchmodat2": 452,
    "setxattrat": 463, "removexattrat": 466, "open_tree_attr": 467, "file_setattr": 469,
}  # fmt: skip
_FALLING_BACK = {"clone3": 435, "openat2": 437}  # their flags lie in memory, where a filter can't look: the C library
# uses the older call when it is told that there is none
_SIGNALLING = (
    8,
    10,
    15,
    1024,
    1026,
)  # F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY: the kernel then sends any
# signal to any process when a descriptor is ready
_SET_FLAGS = 4  # F_SETFL
_ORDERS = (
    0x5401, 0x802C542A, 0x5413,  # TCGETS, TCGETS2, TIOCGWINSZ: whether it is a terminal, and how wide
    0x541B, 0x5421, 0x5450, 0x5451,  # FIONREAD, FIONBIO, FIONCLEX, FIOCLEX
    0x80081272, 0x1260, 0x1268,  # BLKGETSIZE64, BLKGETSIZE, BLKSSZGET: how large a disk is
    0x80086601, 0x80087601, 0x801C581F, 0xC020660B,  # FS_IOC_GETFLAGS, GETVERSION, FSGETXATTR, FIEMAP
    0xC0606610,  # PAGEMAP_SCAN
)  # fmt: skip


class Comparison(NamedTuple):
    """Holds if argument `arg` (from 0) fits: `op` as of libseccomp, `a` the value, or the mask of which `b` is to be
    left.
    """

    arg: int
    op: int
    a: int
    b: int = 0


class Rule(NamedTuple):
    """A call that is refused with this error (errno) when all of `when` holds. `number` 0 = look it up by its name."""

    name: str
    when: tuple[Comparison, ...] = ()
    error: int = errno.EPERM
    number: int = 0


class Writing(NamedTuple):
    """Which files may be written: temporary ones without a name, and new ones."""

    unnamed: bool = False
    new: bool = False


def list_rules(writing: Writing, pid: int) -> Iterator[Rule]:
    """The rules for the process `pid`."""
    for group in (_PROGRAMS, _NETWORK, _OTHERS, _IDENTITY, _SYSTEM, _FILES, () if writing.new else _TAKING_AWAY):
        yield from map(Rule, group)
    for name, number in _NEWER.items():
        yield Rule(name, number=number)
    for name, number in _FALLING_BACK.items():
        yield Rule(name, (), errno.ENOSYS, number)
    yield Rule("clone", (Comparison(0, _MASKED_EQUAL, _THREAD, 0),))
    yield Rule("kill", (Comparison(0, _NOT_EQUAL, pid), Comparison(1, _NOT_EQUAL, 0)))  # 0 asks whether it is there
    yield Rule("tgkill", (Comparison(0, _NOT_EQUAL, pid),))
    yield Rule("prlimit64", (Comparison(2, _NOT_EQUAL, 0),))
    yield from _refuse_touching_others()
    yield from _refuse_all_but("ioctl", 1, _ORDERS)  # each driver and file system has its own, and some of them write
    for name, at in (("open", 1), ("openat", 2)):
        yield from _refuse_writing(name, at, writing)


def _refuse_touching_others() -> Iterator[Rule]:
    """No signal to others by way of a descriptor, and nobody's share of the processor is changed but one's own."""
    for name in ("fcntl", "fcntl64"):
        for command in _SIGNALLING:
            yield Rule(name, (Comparison(1, _MASKED_EQUAL, _WORD, command),))
        asynchronous = Comparison(2, _MASKED_EQUAL, os.O_ASYNC, os.O_ASYNC)
        yield Rule(name, (Comparison(1, _MASKED_EQUAL, _WORD, _SET_FLAGS), asynchronous))
    for name in _OF_OTHERS:
        yield Rule(name, (Comparison(0, _NOT_EQUAL, 0),))
    for name, process in (("setpriority", 0), ("ioprio_set", 1)):  # what they call "this is a process"
        yield Rule(name, (Comparison(0, _NOT_EQUAL, process),))
        yield Rule(name, (Comparison(1, _NOT_EQUAL, 0),))


def _refuse_all_but(name: str, arg: int, allowed: Collection[int]) -> Iterator[Rule]:
    """Refuse a call unless the lower 32 bits of its argument are one of these: a rule for each group of numbers that
    begin alike, and no allowed one among them. libseccomp takes one comparison for each argument.
    """
    for bit in range(32):
        mask = _WORD >> bit << bit
        beginnings = {value & mask for value in allowed}
        for other in sorted({beginning ^ 1 << bit for beginning in beginnings} - beginnings):
            yield Rule(name, (Comparison(arg, _MASKED_EQUAL, mask, other),))


def _refuse_writing(name: str, at: int, writing: Writing) -> Iterator[Rule]:
    """Opening is refused if anything could be written by it, but for what `writing` allows."""
    needed = os.O_CREAT | os.O_EXCL if writing.new else 0
    apart = _UNNAMED if writing.unnamed else 0
    for access in (os.O_WRONLY, os.O_RDWR, os.O_ACCMODE):
        for there in (0, os.O_CREAT, os.O_EXCL) if needed else (0,):
            yield Rule(name, (Comparison(at, _MASKED_EQUAL, os.O_ACCMODE | needed | apart, access | there),))
    yield Rule(name, (Comparison(at, _MASKED_EQUAL, os.O_CREAT | needed, os.O_CREAT),))
    yield Rule(name, (Comparison(at, _MASKED_EQUAL, os.O_TRUNC, os.O_TRUNC),))
