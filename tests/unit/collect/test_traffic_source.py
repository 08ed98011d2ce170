from pathlib import Path

from codered.collect.traffic_files import open_traffic
from codered.collect.traffic_source import TrafficSource

FLOWS = Path(__file__).parents[2] / "fixtures" / "flows"


def test_a_source_has_its_counts_once_it_is_read() -> None:
    source: TrafficSource = open_traffic(bytes(FLOWS / "conn.log"))
    assert source.records == 0
    assert len(list(source.read())) == 14
    assert (source.records, source.packets, source.troubles) == (10, 0, [])
    assert round(source.last - source.first, 3) == 2.7
    assert sum(source.repeats.values()) == 1
    source.close()
