"""What is mounted where on this host, and which of it is no storage of its own."""

# Kernel views, not storage: nothing a worm leaves there survives as a file, and reading some of them has effects.
PSEUDO_FILE_SYSTEMS = frozenset(
    ["proc", "sysfs", "cgroup", "cgroup2", "devpts", "securityfs", "debugfs", "tracefs", "bpf", "pstore", "mqueue",
     "configfs", "efivarfs", "fusectl", "binfmt_misc", "hugetlbfs", "autofs", "rpc_pipefs", "nsfs"]
)  # fmt: skip
# Somebody else answers for these, and may never answer: one is looked into where it is asked for, not on the way.
REMOTE_FILE_SYSTEMS = ("fuse", "nfs", "cifs", "smb", "9p", "ceph", "afs", "ncpfs", "glusterfs", "lustre", "virtiofs")


def read_mounts(table: str = "/proc/self/mountinfo") -> dict[bytes, str]:
    """The mount points of this host and the type of what is mounted there; empty where there is no mount table."""
    try:
        with open(table, "rb") as file:
            lines = file.read().split(b"\n")
    except OSError:
        return {}
    found = {}
    for line in lines:
        left, _, right = line.partition(b" - ")
        words = left.split(b" ")
        if right and len(words) > 4:  # of several mounts on one point the last is seen: an autofs below the real one
            found[_unescape(words[4])] = right.split(b" ", 1)[0].decode("latin-1")
    return found


def find_mount(path: bytes, mounts: dict[bytes, str]) -> bytes:
    """The mount point that holds `path`, by its name alone; b"" if none does."""
    while path not in mounts:
        if path in (b"", b"/"):
            return b""
        path = path.rpartition(b"/")[0] or b"/"
    return path


def _unescape(path: bytes) -> bytes:
    for code, char in ((b"\\040", b" "), (b"\\011", b"\t"), (b"\\012", b"\n"), (b"\\134", b"\\")):
        path = path.replace(code, char)
    return path
