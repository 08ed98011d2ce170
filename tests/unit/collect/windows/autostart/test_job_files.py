from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codered.collect.registry import open_registry
from codered.collect.windows.autostart import collect_windows_autostart
from codered.collect.windows.autostart.job_files import read_job
from tests.fixtures.windows_machines import PROGRAM, Laid, judge, lay_out, write_job


def test_a_job() -> None:
    job = read_job(write_job("C:\\a b.exe", "-x", 0x200))
    assert (job.program, job.arguments, job.author, job.flags) == ("C:\\a b.exe", "-x", "someone", 0x200)


def test_a_planted_job_is_a_finding(tmp_path: Path) -> None:
    files = {"WINNT/Tasks/bad.job": write_job("C:\\Recycler\\x y.exe"), "Recycler/x y.exe": PROGRAM,
             "WINNT/Tasks/usual.job": write_job("C:\\WINNT\\system32\\mobsync.exe", "/x")}  # fmt: skip
    found = judge(tmp_path, Laid(files=files), old=True)
    assert found["windows-runs-from-recycler"].subject.shown == "C:\\WINNT\\Tasks\\bad.job"
    assert len(found) == 1


def test_hostile_jobs_are_said(tmp_path: Path) -> None:
    lying = bytearray(write_job("x"))
    lying[70:72] = b"\xff\xff"
    target = lay_out(tmp_path, Laid(files={"WINNT/Tasks/a.job": bytes(lying), "WINNT/Tasks/b.job": b"x"}), old=True)
    whys = [item.why for item in collect_windows_autostart(target, open_registry(target)).unread]
    assert len(whys) == 2
    assert any("longer than the file" in why for why in whys)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=120))
def test_noise(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"job|string"):
        read_job(data)
