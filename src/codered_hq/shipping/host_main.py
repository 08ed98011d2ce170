"""The first lines of the one file. Any Python can read them, also one that can't read `host_start.py`."""

import os
import sys


def main():  # noqa: ANN201 - Python 2 knows no annotations
    # type: () -> int
    """Start it, isolated; the exit code."""
    if sys.version_info < (3, 6):  # noqa: UP036 - it is for those
        here = "{}.{}".format(*sys.version_info[:2])
        sys.stderr.write("codered: Unsupported: can't run on Python " + here + ": start this file with Python 3.11\n")
        return 3
    if not sys.flags.isolated or not sys.executable:
        # Before anything else is loaded: neither PYTHONPATH nor the folder we stand in may put code before Python's.
        python = sys.executable or os.readlink("/proc/self/exe")  # it can't name itself where PATH is empty
        os.execv(python, [python, "-I"] + sys.argv)  # noqa: S606, RUF005 - no shell; as Python 2 reads
    import host_start  # type: ignore[import-not-found]  # beside this file in the archive

    return int(host_start.run(sys.argv))


if __name__ == "__main__":
    sys.exit(main())
