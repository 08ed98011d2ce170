import threading

import pytest

from codered.cli.stages import show_stages


def test_what_takes_long_is_told_and_what_is_quick_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    with show_stages(60.0) as tell:
        tell("reading zork")
    assert capsys.readouterr().err == ""
    with show_stages(0.0) as tell:
        tell("reading \x1bzork")
        tell("comparing")
    told = capsys.readouterr().err
    assert "codered: reading" in told
    assert "comparing" in told
    assert "\x1b" not in told


def test_one_long_piece_of_work_is_told_while_it_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    with show_stages(0.05) as tell:
        tell("reading zork")
        for thread in threading.enumerate():
            if isinstance(thread, threading.Timer):
                thread.join()
    assert "reading zork" in capsys.readouterr().err
