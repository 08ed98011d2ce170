from datetime import date

import msgspec
import pytest

from codered.model.errors import WrongUse
from codered.model.indicators import TrafficIndicator
from codered.model.pack import Active
from codered.packs.decoding import decode_document
from codered.packs.strict_yaml import parse_document


def test_texts_become_what_the_type_wants() -> None:
    active = decode_document(parse_document(b"first_seen: 2001-07-12\nvariants: [v1, 2]\n", "x.yaml"), Active)
    assert active == Active(first_seen=date(2001, 7, 12), variants=("v1", "2"))


def test_numbers_in_lists() -> None:
    text = (
        b"{id: a, because: b, confidence: likely, severity: low, references: [], "
        b"protocol: tcp, ports: [80, 443], direction: out}"
    )
    assert decode_document(parse_document(text, "x.yaml"), TrafficIndicator).ports == (80, 443)


def test_a_misfit_is_wrong_use_with_its_place_and_no_trace() -> None:
    with pytest.raises(WrongUse) as caught:
        decode_document(parse_document(b"first_seen: 2001-07-12\nnote: [a]\n", "x.yaml"), Active)
    assert caught.value.where == "x.yaml:2"
    assert not isinstance(caught.value.__cause__, msgspec.ValidationError)
