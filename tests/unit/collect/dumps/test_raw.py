from codered.collect.dumps.layout import DumpFile, Segment
from codered.collect.dumps.raw import read_raw


def test_a_raw_image_is_one_segment_from_address_0() -> None:
    layout = read_raw(DumpFile(-1, 12345, b"/ram.dd"))
    assert (layout.format, layout.addresses, list(layout.parts)) == ("raw image", "physical", [Segment(1, 0, 0, 12345)])
