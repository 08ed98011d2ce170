"""Taking from a process that reads hostile bytes what it does not need, for good: a parser that is broken into can then
neither start a program, nor speak to anybody, nor write, nor reach into another process.

Three layers, each its own: capabilities dropped to those that reading needs, a seccomp filter, and descriptors that
can be written to turned into /dev/null. libseccomp is asked by itself, by its fixed name: `ctypes.util.find_library`
would start programs of the host that is looked at.
"""

import ctypes
import os
import stat
import sys
from collections.abc import Collection
from contextlib import suppress
from typing import NamedTuple

from codered.system import syscall_rules

if sys.platform == "linux":
    import fcntl
    import resource

LIBRARY = "libseccomp.so.2"
NO_LINUX = "this system has no seccomp"
NO_LIBRARY = f"{LIBRARY} is not here: install libseccomp2 (Debian) or libseccomp"
NO_FILTER = "the kernel took no seccomp filter"
KEPT_RIGHTS = "its rights could not be dropped"
KEPT_DESCRIPTORS = "what it could write to already could not be closed"
MORE_THREADS = "threads that it had before are as they were"
_PR_SET_NO_NEW_PRIVS = 38
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_OPTIMISE, _TREE = 8, 2  # the filter as a tree: calls that are always allowed pass a handful of comparisons
_CAPABILITY_VERSION = 0x20080522
_FOWNER, _DAC_READ_SEARCH, _SYS_PTRACE, _SYS_ADMIN, _CHECKPOINT_RESTORE = 3, 2, 19, 21, 40


class Rights(NamedTuple):
    """What a process keeps beyond reading files: `processes`: it looks into others, and what they have mapped;
    `attributes`: it reads extended attributes that only administrators see; `unnamed_files`: it makes temporary files
    that have no name; `new_files`: it writes files that were not there (and may take names away).
    """

    processes: bool = False
    attributes: bool = False
    unnamed_files: bool = False
    new_files: bool = False


class _Comparison(ctypes.Structure):
    """libseccomp's `struct scmp_arg_cmp`."""

    _fields_ = (
        ("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64),
    )  # fmt: skip


def confine(rights: Rights, keep: Collection[int] = ()) -> str:
    """Confine this process and its threads to come, for good. `keep`: descriptors that it goes on writing to. "" if all
    of it holds, else in words what does not; the rest holds then. For programs with one thread.
    """
    if sys.platform != "linux":
        return NO_LINUX
    missing = [] if _silence_descriptors(frozenset(keep)) else [KEPT_DESCRIPTORS]
    with suppress(OSError, ValueError):  # a lower limit of somebody else's stays
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold what is secret on the host, and hostile
        if not (rights.unnamed_files or rights.new_files or any(map(_is_file, keep))):
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    library = _load_library()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    missing += [] if _drop_capabilities(libc, rights) else [KEPT_RIGHTS]
    if library is None:
        missing.append(NO_LIBRARY)
    elif not _load_filter(library, rights):
        missing.append(NO_FILTER)
    return "; ".join([*missing, MORE_THREADS] if _has_threads() else missing)


def _has_threads() -> bool:
    try:
        return len(os.listdir("/proc/self/task")) > 1
    except OSError:  # no /proc: then the descriptors were not found either, which is told
        return False


def _is_file(descriptor: int) -> bool:
    return stat.S_ISREG(os.fstat(descriptor).st_mode)


def _silence_descriptors(keep: frozenset[int]) -> bool:
    """Descriptors that can be written to, or that send signals, lead nowhere from now on. They stay open: their numbers
    are still known. Whether it was done.
    """
    try:
        nowhere, names = _open_nowhere(), os.listdir("/proc/self/fd")
    except OSError:
        return False
    for descriptor in map(int, names):
        if descriptor in keep or descriptor == nowhere:
            continue
        with suppress(OSError):  # the listing's own is closed by now
            flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
            if flags & os.O_ACCMODE != os.O_RDONLY or flags & os.O_ASYNC:
                os.dup2(nowhere, descriptor, inheritable=False)
    os.close(nowhere)
    return True


def _open_nowhere() -> int:
    try:
        return os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    except OSError:  # a bare root has none: a pipe that nobody reads
        reading, writing = os.pipe()
        os.close(reading)
        return writing


def _load_library() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError:
        return None
    library.seccomp_init.argtypes = (ctypes.c_uint32,)
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_attr_set.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_uint32)
    library.seccomp_rule_add_array.argtypes = (
        ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(_Comparison),
    )  # fmt: skip
    library.seccomp_load.argtypes = library.seccomp_release.argtypes = (ctypes.c_void_p,)
    library.seccomp_release.restype = None
    return library


def _load_filter(library: ctypes.CDLL, rights: Rights) -> bool:
    """Whether the kernel holds us to it now. Calls of other processor modes than ours end the process."""
    context = library.seccomp_init(_ALLOW)
    if not context:
        return False
    try:
        library.seccomp_attr_set(context, _OPTIMISE, _TREE)  # an older library has only the slower form
        writing = syscall_rules.Writing(rights.unnamed_files, rights.new_files)
        for rule in syscall_rules.list_rules(writing, os.getpid()):
            number = rule.number or library.seccomp_syscall_resolve_name(rule.name.encode())
            if number == syscall_rules.UNKNOWN:
                continue  # an old call that this processor never had
            comparisons = (_Comparison * len(rule.when))(*(_Comparison(*each) for each in rule.when))
            action = _ERRNO | rule.error
            if library.seccomp_rule_add_array(context, action, number, len(rule.when), comparisons):
                return False
        return bool(library.seccomp_load(context) == 0)
    finally:
        library.seccomp_release(context)


def _drop_capabilities(libc: ctypes.CDLL, rights: Rights) -> bool:
    wanted = 1 << _DAC_READ_SEARCH | 1 << _FOWNER  # O_NOATIME: times of evidence stay as they are
    if rights.processes:
        wanted |= 1 << _SYS_PTRACE | 1 << _CHECKPOINT_RESTORE  # before Linux 5.9 there is none, and deleted files that
        # are mapped are not opened: their look says so
    if rights.attributes:
        wanted |= 1 << _SYS_ADMIN
    head = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()
    if libc.capget(head, sets):
        return False
    low, high = wanted & 0xFFFFFFFF, wanted >> 32
    effective, permitted = (sets[0] & low, sets[3] & high), (sets[1] & low, sets[4] & high)
    kept = (ctypes.c_uint32 * 6)(effective[0], permitted[0], 0, effective[1], permitted[1], 0)
    return bool(libc.capset(head, kept) == 0)
