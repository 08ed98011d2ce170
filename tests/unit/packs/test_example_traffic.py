from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.packs.example_traffic import read_traffic


def write(folder: Path, text: str) -> Path:
    path = folder / "x.traffic.yaml"
    path.write_text(text)
    return path


def test_payloads_are_read_in_order(tmp_path: Path) -> None:
    text = (
        "about: two\nsent:\n"
        '  - {port: 80, text: "GET / HTTP/1.0\\r\\n"}\n'
        "  - {port: 53, protocol: udp, sender: 192.0.2.9, hex: '00 ff'}\n"
    )
    one, two = read_traffic(write(tmp_path, text))
    assert (one.port, one.protocol, one.data, one.source) == (80, "tcp", b"GET / HTTP/1.0\r\n", b"\xc0\0\x02\x01")
    assert (two.port, two.protocol, two.data, two.actor) == (53, "udp", b"\0\xff", b"\xc0\0\x02\x09")
    assert one.destination != two.destination
    assert one.at < two.at


@pytest.mark.parametrize(
    ("sent", "what"),
    [
        ("[]", "sends 0 payloads"),
        ("[{port: 80}]", "neither text nor hex"),
        ("[{port: 80, text: a, hex: '00'}]", "neither text nor hex, or both"),
        ("[{port: 80, hex: '0'}]", "not hexadecimal"),
        ("[{port: 80, text: ''}]", "has 0 bytes"),
        (f"[{{port: 80, text: {'x' * 2049}}}]", "has 2049 bytes"),
        ("[{port: 0, text: a}]", "0 is no port"),
        ("[{port: 65536, text: a}]", "65536 is no port"),
        ("[{port: 80, text: a, sender: nobody}]", "`nobody` is no address"),
        ("[{port: 80, text: a, to: b}]", "to"),
    ],
)
def test_what_is_no_example_is_named(tmp_path: Path, sent: str, what: str) -> None:
    path = write(tmp_path, f"about: wrong\nsent: {sent}\n")
    with pytest.raises(WrongUse) as caught:
        read_traffic(path)
    assert what in str(caught.value)
    assert path.name in caught.value.where
