import pytest

from codered.detect.log_hidden import find_hidden


def holds_root(data: bytes) -> bool:
    return b"root.exe" in data.lower()


@pytest.mark.parametrize(
    "text",
    [
        b"/r%6fot.exe", b"/r%6Fot.exe", b"/r%256fot.exe", b"/%72%6f%6f%74%2e%65%78%65", b"/ro%25%36%66t.exe",
        b"/ro%%36ft.exe", b"/ROOT%2EEXE",
    ],
)  # fmt: skip
@pytest.mark.parametrize("after", [b"", b"\n", b"\nGET /%41\n"])
def test_an_encoded_sign_is_found_once(text: bytes, after: bytes) -> None:
    before = b"GET /a%20b\nGET /%41\n"
    window = before + b"GET " + text + b"?%6f%6f" + after
    (at,) = find_hidden(window, holds_root)
    assert window.rfind(b"\n", 0, at) + 1 == len(before)


@pytest.mark.parametrize(
    "window", [b"", b"GET /root.exe\n", b"/a%20b?%22%3c%2f%5c%u9090%c0%af root.exe\n", b"%6f\nroot.exe\n%6f", b"100%"]
)
def test_other_lines_are_left_to_the_engine(window: bytes) -> None:
    assert find_hidden(window, holds_root) == []


def test_honest_encodings_cost_no_decoding() -> None:
    asked: list[bytes] = []

    def note(data: bytes) -> bool:
        asked.append(data)
        return False

    find_hidden(b"GET /search?q=caf%C3%A9%20%26%2F%3D%25\n" * 9 + b"GET /%7Euser\n", note)
    assert asked == []
