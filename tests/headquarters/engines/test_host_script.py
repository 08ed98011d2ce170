"""The script on a host, run here in a folder of the test, and the frame that it says."""

import base64
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered_hq.engines.host_script import Frame, Order, read_frame, read_script
from tests.fixtures.fleet_programs import make_program, make_task


def _say(order: Order, folder: Path, given: bytes = b"", source: str = "-") -> Frame:
    words = ["/bin/sh", "-c", read_script(), "sh", *order.arguments(str(folder), source)]
    done = subprocess.run(words, input=base64.encodebytes(given), capture_output=True, timeout=30, check=True)
    frame = read_frame(done.stdout.decode())
    assert frame is not None, done
    return frame


def test_a_program_is_kept_only_if_it_is_the_right_one_and_then_runs(tmp_path: Path) -> None:
    program = make_program(tmp_path / "p")
    task = make_task(program, {"a": {"exit": 6}})
    run = Order(task=task, mode="run", inputs=task.inputs)
    keep = Order(task=task, mode="keep", inputs={})
    folder = tmp_path / "fleet"
    assert _say(run, folder).state == "missing"
    for content, state in ((b"not it", "failed"), (Path(program.path).read_bytes(), "kept")):
        (folder / "run-1").mkdir(mode=0o700)
        (folder / "run-1" / "program").write_bytes(content)
        assert _say(keep, folder, source=str(folder / "run-1")).state == state
    frame = _say(run, folder, task.inputs["a"])
    assert (frame.state, frame.code) == ("ran", 6)
    assert frame.said.startswith('{"format": "codered/receipt/1"')
    assert sorted(os.listdir(folder)) == [program.sha256]
    old = folder / "run-old"
    old.mkdir()
    os.utime(old, (0, 0))
    assert _say(run, folder, b"{").why.endswith("line 1 column 2 (char 1)")
    assert not old.exists()


def test_who_sends_more_than_a_pipe_holds_hears_that_the_program_is_missing(tmp_path: Path) -> None:
    run = Order(task=(task := make_task(make_program(tmp_path / "p"), {})), mode="run", inputs=task.inputs)
    words = ["/bin/sh", "-c", read_script(), "sh", *run.arguments(str(tmp_path / "fleet"), "-")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(64):  # a pipe holds 64 KiB at most
            process.stdin.write(b"A" * 65536)  # raises BrokenPipeError where nobody reads on
        process.stdin.close()
        frame = read_frame(process.stdout.read().decode())
    assert frame is not None
    assert frame.state == "missing"


def test_a_part_of_an_answer_is_never_read_through_a_link(tmp_path: Path) -> None:
    task = make_task(make_program(tmp_path / "p"), {})
    (tmp_path / "answer").write_bytes(os.urandom(5000))
    (tmp_path / "link").symlink_to("answer")
    part = Order(task=task, mode="part", inputs={}, most=1000)
    frame = _say(part, tmp_path / "fleet", f"4000 9999 {tmp_path}/answer\n".encode())
    assert frame.state == "part"
    assert len(base64.b64decode(frame.said)) <= 1000
    for path in ("link", "none"):
        assert _say(part, tmp_path / "fleet", f"0 9 {tmp_path}/{path}\n".encode()).state == "failed"


def test_what_logins_and_terminals_add_does_not_matter_and_what_is_cut_is_no_frame() -> None:
    whole = "Welcome!\r\ncodered-begin\r\n{}\r\n\r\ncodered-end ran 4 12 oh dear \r\nbye\n"
    assert read_frame(whole) == Frame(state="ran", said="{}", code=4, seconds=12, why="oh dear")
    for cut in (
        "",
        "VALUE_TRIMMED",
        whole[:40],
        whole[20:],
        whole.replace("ran 4", "won 4"),
        whole.replace("4 12", "x"),
    ):
        assert read_frame(cut) is None


@given(st.text(), st.text())
def test_any_text_is_a_frame_or_none(before: str, after: str) -> None:
    for text in (
        before,
        f"codered-begin\n{before}\ncodered-end {after}",
        f"codered-begin\n{before}\ncodered-end ran {after}",
    ):
        frame = read_frame(text)
        assert frame is None or frame.why.isprintable()


@pytest.mark.parametrize("mode", ["run", "part", "bring", "keep"])
def test_only_a_run_is_given_the_arguments(tmp_path: Path, mode: str) -> None:
    task = make_task(make_program(tmp_path / "p"), {})
    order = Order(task=task, mode=mode, inputs={})  # type: ignore[arg-type]
    assert order.arguments("/f", "-")[6:] == (["answer"] if mode == "run" else [])
