import base64
import zlib

from hypothesis import given
from hypothesis import strategies as st

from codered.detect.scripts.encoded import DECODERS, MOST_DECODED, inflate, measure_encoded_share, measure_entropy


def test_entropy_and_share() -> None:
    assert measure_entropy("") == 0
    assert measure_entropy("ab" * 10) == 1
    assert measure_encoded_share("x = '" + "A" * 500 + "'") > 0.9
    assert measure_encoded_share("plain words " * 50) == 0


def test_each_decoding() -> None:
    packed = zlib.compress(b"inert")
    assert DECODERS["base64"](base64.b64encode(b"inert").decode()) == "inert"
    assert DECODERS["inflate"](packed[2:-4].decode("latin-1")) == "inert"
    assert DECODERS["unzip"](packed.decode("latin-1")) == "inert"
    said = {"hex": "6162", "url": "%61+b", "rot13": "nop", "reverse": "ab", "quoted": "=61", "uu": "#86)C"}
    told = [DECODERS[name](text) for name, text in said.items()]
    assert told == ["ab", "a b", "abc", "ba", "a", "abc"]
    assert DECODERS["hex"]("zz") is None


def test_a_bomb_is_cut() -> None:
    bomb = zlib.compress(b"0" * (MOST_DECODED * 4)).decode("latin-1")
    assert len(inflate(bomb) or "") == MOST_DECODED


@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=200))
def test_any_text_is_survived(text: str) -> None:
    for decode in DECODERS.values():
        decode(text)
