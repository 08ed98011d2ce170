import random

from codered.authoring.code_patterns import find_code
from codered.authoring.orders import Sample


def make(number: int, code: bytes) -> Sample:
    return Sample(f"s{number}", 1, str(number), bytes([number]) * (1100 + number * 4) + code)


def test_shared_code_is_found_with_gaps_where_it_differs() -> None:
    code = random.Random(1).randbytes(40)
    samples = (make(1, code[:12] + b"\x01\x02" + code[14:] + bytes(40)), make(2, code[:12] + b"\x03\x04" + code[14:]))
    found = find_code(samples, [])
    assert found
    assert all(found[0].seed() in sample.data for sample in samples)
    assert any("?? ??" in pattern.source() for pattern in found)
    assert len(found[0].filled()) == len(found[0].parts)
    assert find_code(samples, [samples[0].data]) == ()


def test_one_sample_or_nothing_in_common_gives_none() -> None:
    one, two = (make(number, random.Random(number).randbytes(400)) for number in (1, 2))
    assert find_code((one,), []) == ()
    assert find_code((one, two), []) == ()
