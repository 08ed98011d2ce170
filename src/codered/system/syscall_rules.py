"""What a process that reads hostile bytes may not ask of the kernel. Everything else it may: a list of what is allowed
would differ with each C library, and break scans where nobody tried them.
"""

import errno
import os
from collections.abc import Iterator
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
    "setns", "unshare", "setrlimit", "shmget", "shmat", "msgget", "msgsnd", "semget", "mq_open", "mq_unlink", "ipc",
)  # fmt: skip
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
    "utime", "utimes", "futimesat",
)  # fmt: skip
_TAKING_AWAY = ("unlink", "unlinkat")
# By number, which is the same on all processors: a libseccomp that is older than these calls knows no names for them.
_NEWER = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_getfd": 438,
    "process_madvise": 440, "mount_setattr": 442, "quotactl_fd": 443, "process_mrelease": 448, "fchmodat2": 452,
    "setxattrat": 463, "removexattrat": 466, "open_tree_attr": 467, "file_setattr": 469,
}  # fmt: skip
_FALLING_BACK = {"clone3": 435, "openat2": 437}  # their flags lie in memory, where a filter can't look: the C library
# uses the older call when it is told that there is none
_ORDERS = (
    0x5412, 0x541C, 0x540E,  # TIOCSTI, TIOCLINUX, TIOCSCTTY: typing into somebody's terminal
    0x40086602, 0x40046602, 0x401C5820,  # FS_IOC_SETFLAGS and FSSETXATTR: a file's attributes
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
    yield from (Rule("ioctl", (Comparison(1, _MASKED_EQUAL, _WORD, order),)) for order in _ORDERS)
    yield Rule("utimensat", (Comparison(1, _NOT_EQUAL, 0),) if writing.unnamed else ())
    for name, at in (("open", 1), ("openat", 2)):
        yield from _refuse_writing(name, at, writing)


def _refuse_writing(name: str, at: int, writing: Writing) -> Iterator[Rule]:
    """Opening is refused if anything could be written by it, but for what `writing` allows."""
    needed = os.O_CREAT | os.O_EXCL if writing.new else 0
    apart = _UNNAMED if writing.unnamed else 0
    for access in (os.O_WRONLY, os.O_RDWR, os.O_ACCMODE):
        for there in (0, os.O_CREAT, os.O_EXCL) if needed else (0,):
            yield Rule(name, (Comparison(at, _MASKED_EQUAL, os.O_ACCMODE | needed | apart, access | there),))
    yield Rule(name, (Comparison(at, _MASKED_EQUAL, os.O_CREAT | needed, os.O_CREAT),))
    yield Rule(name, (Comparison(at, _MASKED_EQUAL, os.O_TRUNC, os.O_TRUNC),))
