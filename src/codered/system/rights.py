"""Who we are and what the machine gives us."""

import os
import sys

if sys.platform == "win32":
    import ctypes

    def is_administrator() -> bool:
        """Whether we run with an administrator's rights (elevated)."""
        return bool(ctypes.windll.shell32.IsUserAnAdmin())

    def count_cores() -> int:
        """The processor cores we may use."""
        return os.cpu_count() or 1

else:

    def is_administrator() -> bool:
        """Whether we run as root."""
        return os.geteuid() == 0

    def count_cores() -> int:
        """The processor cores we may use."""
        return len(os.sched_getaffinity(0))
