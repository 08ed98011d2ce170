"""What the reviewer reads of the registry."""

from msgspec.structs import replace

from codered.export.plan_registry import describe_registry, describe_value
from codered.model.paths import FilePath
from codered.model.plan import Action, KeyState, ProcessState, ValueState


def test_values_and_keys_in_words() -> None:
    cases = {
        (4, b"\x9d\xff\xff\xff"): "0xffffff9d (dword)",
        (1, "c:\\,,217\0".encode("utf-16-le")): "c:\\,,217 (text)",
        (2, b""): "empty (text with variables)",
        (7, "a\0b\0\0".encode("utf-16-le")): "a; b (texts)",
        (3, b"\1\2"): "01 02 (binary, 2 bytes)",
        (3, bytes(65)): f"{bytes(64).hex(' ')}… (binary, 65 bytes)",
        (99, b"x"): "78 (type 99, 1 byte)",
    }
    for (kind, data), said in cases.items():
        assert describe_value(ValueState(exists=True, type=kind, data=data)) == said
    assert describe_value(ValueState(exists=False)) == "no such value"


def test_facts_of_an_action() -> None:
    key = KeyState(exists=True, sha256="ab" * 32, keys=3, values=1)
    action = Action(id="a01", kind="delete_key", path=FilePath("/h"), expects=key, because="")
    assert describe_registry(action) == [
        ("expects", "3 keys, 1 value, sha256 abababababababab…"), ("becomes", "nothing: it goes with all below"),
    ]  # fmt: skip
    ((name, said), *_) = describe_registry(replace(action, replays="ab" * 32))
    assert name == "hive"
    assert "transaction logs are applied first" in said
    process = ProcessState(pid=1, start=1, boot="", state="running")
    assert (
        describe_registry(Action(id="a01", kind="kill_process", path=FilePath("/h"), expects=process, because="")) == []
    )
