import os
from pathlib import Path

import pytest

from codered.collect.flows.opening import open_flows
from codered.model.errors import WrongUse


def kind_of(head: bytes, columns: str = "") -> str:
    descriptor = os.open("/dev/null", os.O_RDONLY)
    source = None
    try:
        source = open_flows(descriptor, head, "file", columns)
        return "" if source is None else source.kind
    finally:
        os.close(descriptor)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"#fields\tts\tid.orig_h\tid.resp_h\tid.resp_p\tproto\tconn_state", "a flow log (Zeek conn)"),
        (b'\n{"timestamp":"2024","event_type":"stats"}\n', "a flow log (Suricata EVE)"),
        (b"\0\x05\0\x01" + bytes(60), "a flow export (NetFlow v5)"),
        (b"{}", ""),
        (b"text\n", ""),
        (b"\0\x05", ""),
    ],
)
def test_heads_are_told_apart(head: bytes, kind: str) -> None:
    assert kind_of(head) == kind


@pytest.mark.parametrize("head", [b"\x0c\xa5\1\0", b"#separator \\x09\n#path\tssl\n", b"#separator", b"#fields\tts\n"])
def test_what_is_known_and_not_read_says_what_to_do(head: bytes) -> None:
    with pytest.raises(WrongUse) as told:
        kind_of(head)
    assert told.value.advice
    assert told.value.where == "file"


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        (b"time\tid.orig_h\tid.resp_h\tid.resp_p\tproto\tconn_state", "without ts —"),
        (b"ts\tid.orig_h\tid.resp_h\tid.resp_p\tproto", "without conn_state —"),
        (b"ts\tid.orig_h\tid.resp_h", "without id.resp_p and proto and conn_state —"),
    ],
)
def test_the_column_that_is_missing_is_named(fields: bytes, missing: str) -> None:
    with pytest.raises(WrongUse, match=missing):
        kind_of(b"#separator \\x09\n#path\tconn\n#fields\t" + fields + b"\n")


def test_a_large_file_is_read_by_several_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codered.collect.flows.opening.SHARE_FROM", 100)
    monkeypatch.setattr("codered.collect.flows.lines.BLOCK", 500)
    head = b"#fields\tts\tid.orig_h\tid.resp_h\tid.resp_p\tproto\tconn_state\n"
    body = b"".join(b"%d.5\t10.0.0.1\t192.0.2.%d\t80\ttcp\tS0\n" % (900 + n // 9, n % 250) for n in range(100))
    path = tmp_path / "conn.log"
    path.write_bytes(head + body)
    source = open_flows(os.open(path, os.O_RDONLY), head + body, "file")
    assert source is not None
    assert len(list(source.read())) == 200
    assert source.records == 100
    source.close()
