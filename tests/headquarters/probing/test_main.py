"""The prober by itself, as scan points run it; mirrors `__main__`."""

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from codered_hq.model.sweep import Limits, SweepJob, SweepResult
from codered_hq.probing.__main__ import main
from tests.fixtures.sweep_runs import make_job
from tests.fixtures.web_answers import pages, serving


def write(folder: Path, job: SweepJob) -> Path:
    path = folder / "job.json"
    path.write_bytes(msgspec.json.encode(job))
    return path


def read(path: Path) -> SweepResult:
    return msgspec.json.decode(path.read_bytes(), type=SweepResult)


def test_a_job_from_a_file(tmp_path: Path) -> None:
    with serving({"127.8.0.1": pages({"/": b"x"})}) as servers:
        path = write(tmp_path, make_job("127.8.0.0/30", ports=(servers.port,)))
        assert main([str(path), "-o", str(tmp_path / "out.json"), "--where", "zone"]) == 0
    result = read(tmp_path / "out.json")
    assert (result.job, result.where, result.end.stopped) == ("t", "zone", "")
    assert result.job_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert result.end.counts == {"web": 1, "not_web": 3}
    assert len(result.addresses) == 4
    assert (tmp_path / "out.json").stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in tmp_path.iterdir()) == ["job.json", "out.json"]


def test_wrong_jobs_say_so_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = write(tmp_path, make_job("127.0.0.1"))
    (tmp_path / "bad.json").write_text('{"format": "codered/sweep-job/2"}')
    cases = (
        (tmp_path / "none.json", tmp_path / "out.json"), (tmp_path / "bad.json", tmp_path / "out.json"),
        (good, tmp_path / "no" / "out.json"), (write(tmp_path, make_job("x")), tmp_path / "out.json"),
    )  # fmt: skip
    for job, out in cases:
        assert main([str(job), "-o", str(out)]) == 2
        assert len(capsys.readouterr().err.replace("sweep t of 1 ranges begins\n", "").splitlines()) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_what_it_has(tmp_path: Path, number: signal.Signals) -> None:
    with serving({"127.8.0.1": pages({"/": b"x"})}) as servers:
        limits = Limits(per_second=200.0, per_subnet=0, per_host=0)
        job = replace(make_job("127.8.0.0/19", ports=(servers.port,)), limits=limits)
        words = [sys.executable, "-m", "codered_hq.probing", str(write(tmp_path, job)), "-o", str(tmp_path / "o.json")]
        process = subprocess.Popen(words, stderr=subprocess.PIPE, env=os.environ | {"PYTHONPATH": "src"})
        assert process.stderr is not None
        assert b"begins" in process.stderr.readline()
        process.send_signal(number)
        assert process.wait(30) == 3
        process.stderr.close()
    result = read(tmp_path / "o.json")
    assert result.end.stopped == f"ended by {number.name}"
    assert sum(result.end.counts.values()) == 8192
    assert result.end.counts["not_asked"] > 0


def test_odd_places_are_refused_before_anything_is_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe")
    with serving({"127.8.0.1": pages({"/": b"x"})}) as servers:
        path = write(tmp_path, make_job("127.8.0.0/30", ports=(servers.port,)))
        for job, out in ((path, "pipe"), (path, "absent/out.json"), (tmp_path / "pipe", "out.json")):
            assert main([str(job), "-o", str(tmp_path / out)]) == 2
        assert servers.asked == []
    assert capsys.readouterr().err.count("is no plain file") == 2
    assert (tmp_path / "pipe").is_fifo()
