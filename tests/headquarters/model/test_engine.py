"""Tasks and returns keep what they are given and can't be changed on the way."""

import msgspec
import pytest

from codered_hq.model.engine import EngineHost, Program, Return, Task


def test_nouns_are_values() -> None:
    task = Task(id="t", program=Program(path="/p", sha256="0" * 64, size=1), arguments=("answer",), inputs={"h": b"\0"})
    assert msgspec.json.decode(msgspec.json.encode(task), type=Task) == task
    assert (EngineHost(name="a"), Return(host="a", outcome="silent").output) == (EngineHost(name="a"), b"")
    with pytest.raises(AttributeError):
        task.id = "other"  # type: ignore[misc]
    with pytest.raises(msgspec.ValidationError, match="outcome"):
        msgspec.json.decode(b'{"host": "a", "outcome": "clean"}', type=Return)
