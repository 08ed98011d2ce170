"""Which processes are meant is chosen by the system: here those of Linux."""

import sys

from codered.remediate import linux_processes, processes, windows_processes


def test_the_system_we_run_on_decides() -> None:
    chosen = windows_processes if sys.platform == "win32" else linux_processes
    for name in processes.__all__:
        assert getattr(processes, name) is getattr(chosen, name)
        assert hasattr(windows_processes, name)
        assert hasattr(linux_processes, name)
