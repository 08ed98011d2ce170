"""Processes as removal needs them: which one it is, whether it runs, and signals that can't reach another one. What
does it is chosen by the system that this program runs on; a process elsewhere is never touched.
"""

import sys

if sys.platform == "win32":
    from codered.remediate.windows_processes import (
        PROC,
        TICKS,
        Facts,
        end_process,
        end_state,
        explain_protected,
        hash_exe,
        hold_process,
        is_gone,
        is_stopped,
        list_ancestors,
        list_pids,
        look_again,
        open_exe,
        read_boot,
        read_command,
        read_facts,
        read_process,
        read_ticks,
        release_process,
        wait_held,
    )
else:
    from codered.remediate.linux_processes import (
        PROC,
        TICKS,
        Facts,
        end_process,
        end_state,
        explain_protected,
        hash_exe,
        hold_process,
        is_gone,
        is_stopped,
        list_ancestors,
        list_pids,
        look_again,
        open_exe,
        read_boot,
        read_command,
        read_facts,
        read_process,
        read_ticks,
        release_process,
        wait_held,
    )

__all__ = [
    "PROC", "TICKS", "Facts", "end_process", "end_state", "explain_protected", "hash_exe", "hold_process", "is_gone",
    "is_stopped", "list_ancestors", "list_pids", "look_again", "open_exe", "read_boot", "read_command", "read_facts",
    "read_process", "read_ticks", "release_process", "wait_held",
]  # fmt: skip
