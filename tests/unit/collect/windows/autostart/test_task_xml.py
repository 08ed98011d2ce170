import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codered.collect.windows.autostart.task_xml import read_task
from tests.fixtures.windows_machines import write_task

BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>'
    b"<Task><Actions><Exec><Command>&b;</Command></Exec></Actions></Task>"
)


def test_a_task() -> None:
    task = read_task(write_task("C:\\A B\\x.exe", "-y", hidden="true"))
    assert task.commands == ('"C:\\A B\\x.exe" -y',)
    assert (task.user, task.enabled, task.hidden) == ("S-1-5-18", True, True)
    com = (
        b"<Task><Settings><Enabled>false</Enabled></Settings>"
        b"<Actions><ComHandler><ClassId>{X}</ClassId></ComHandler></Actions></Task>"
    )
    assert read_task(com).classes == ("{X}",)
    assert not read_task(com).enabled


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (BOMB, "document type"),
        (b'<!DOCTYPE Task SYSTEM "file:///etc/passwd"><Task/>', "document type"),
        (b"<Other/>", "no task"),
        (b"<Task>", "damaged"),
        (b"", "damaged"),
        (b"<Task>" + b"<a>" * 100, "deeper"),
        (b'<?xml version="1.0" encoding="x-none"?><Task/>', "damaged|encoding"),
        (b'<?xml version="1.0" encoding="rot13"?><Task/>', "encoding"),
        (b'<?xml version="1.0" encoding="idna"?><Task/>', "encoding"),
        (b"<Task><Actions>" + b"<Exec/>" * 100 + b"</Actions></Task>", "actions"),
    ],
)
def test_what_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_task(data)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 400))
def test_damaged_tasks_raise_nothing_else(noise: bytes, at: int) -> None:
    good = write_task("x", "y")
    try:
        task = read_task(good[:at] + noise + good[at:])
    except ValueError:
        return
    assert isinstance(task.commands, tuple)
