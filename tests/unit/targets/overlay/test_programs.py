"""Programs of an overlay: found, started apart from the terminal, ended and waited for, found again by their folder."""

import os
import signal
import sys
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.targets.overlay import programs
from codered.targets.overlay.programs import (
    Running,
    await_end,
    end_program,
    find_left_over,
    find_program,
    has_ended,
    is_running,
    name_process,
    read_log,
    run_program,
    start_program,
    wait_until,
)


def test_a_program_is_found_or_its_package_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_program("qemu-img").endswith("/qemu-img")
    monkeypatch.setattr(programs, "_PATH", "/nowhere")
    with pytest.raises(WrongUse, match=r"ntfs-3g: is missing.*apt install ntfs-3g"):
        find_program("ntfs-3g")


def test_started_in_a_session_of_its_own_and_ended(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    pid = start_program(["/bin/sh", "-c", "echo begun >&2; exec sleep 60", str(marker)], tmp_path / "log")
    process = name_process(pid)
    assert process is not None
    assert os.getsid(pid) == pid
    assert wait_until(lambda: read_log(tmp_path / "log") == "begun")
    assert is_running(process)
    end_program(Running(pid, process.start + 1))  # another one with this number: left alone
    assert is_running(process)
    end_program(process)
    assert not is_running(process)
    assert has_ended(pid)
    end_program(process)


def test_one_that_will_not_end_is_made_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "PATIENCE", 0.3)
    script = "import signal as s, time; s.signal(s.SIGTERM, s.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    pid = start_program([sys.executable, "-c", script], tmp_path / "log")
    process = name_process(pid)
    assert process is not None
    for _ in range(20):
        if wait_until(lambda: read_log(tmp_path / "log") == "deaf"):
            break
    end_program(process)
    assert has_ended(pid)
    child = start_program(["/bin/sleep", "60"], tmp_path / "log")
    await_end(child)
    assert has_ended(child)


def test_what_was_left_over_is_found_by_its_folder(tmp_path: Path) -> None:
    assert find_left_over(tmp_path, "sleep") == ()
    pid = os.posix_spawn("/bin/sh", ["ntfs-3g", "-c", "sleep 60; :", f"{tmp_path}/volumes/p1"], {"PATH": "/bin"})
    try:
        assert wait_until(lambda: [each.pid for each in find_left_over(tmp_path, "ntfs-3g")] == [pid])
        assert find_left_over(tmp_path / "other", "ntfs-3g") == ()
        assert find_left_over(tmp_path, "qemu-storage-daemon") == ()
    finally:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (*map(int, children), pid):
            os.kill(each, signal.SIGKILL)
        os.waitpid(pid, 0)


def test_what_a_program_says_when_it_fails(tmp_path: Path) -> None:
    assert run_program(["/bin/true"]) == ""
    assert run_program(["/bin/sh", "-c", "echo first; echo why >&2; exit 3"]) == "why"
    assert run_program(["/bin/sh", "-c", "echo why; echo '   see elsewhere'; exit 3"]) == "why"
    assert run_program(["/bin/false"]) == "ended with 1"
    assert read_log(tmp_path / "none") == ""
    assert name_process(1 << 22) is None
    assert not is_running(Running(1 << 22, 1))
