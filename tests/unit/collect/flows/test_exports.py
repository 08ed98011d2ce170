from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codered.collect.flows.exports import has_decoder
from codered.collect.traffic_files import open_traffic
from codered.model.errors import WrongUse
from codered.model.traffic import Attempt, Reply, SeenTraffic
from tests.fixtures.flow_exports import EXPORTED, OUTCOMES, make_ipfix, make_v5, make_v9


def read(path: Path, data: bytes) -> tuple[str, list[SeenTraffic], list[str]]:
    path.write_bytes(data)
    source = open_traffic(bytes(path))
    try:
        return source.kind, list(source.read()), source.troubles
    finally:
        source.close()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (make_v5(), "a flow export (NetFlow v5)"),
        (make_v9() + make_v9((), template=True), "a flow export (NetFlow v9)"),
        (make_ipfix(), "a flow export (IPFIX)"),
    ],
)
def test_both_directions_become_attempts(data: bytes, kind: str, tmp_path: Path) -> None:
    assert has_decoder()
    found, events, troubles = read(tmp_path / "x", data)
    attempts = [event for event in events if isinstance(event, Attempt)]
    replies = {event.destination: event.outcome for event in events if isinstance(event, Reply)}
    assert (found, troubles) == (kind, [])
    assert [attempt.at for attempt in attempts] == [EXPORTED - 9, EXPORTED - 8, EXPORTED - 7]
    assert [replies[attempt.destination] for attempt in attempts] == OUTCOMES


def test_a_template_serves_the_packets_after_it(tmp_path: Path) -> None:
    for make in (make_v9, make_ipfix):
        data = make((), template=True) + make(template=False)
        assert len(read(tmp_path / "x", data)[1]) == 6
        assert "template was not seen" in read(tmp_path / "x", make(template=False))[2][0]


def test_a_file_that_was_cut_says_so(tmp_path: Path) -> None:
    _, events, troubles = read(tmp_path / "x", make_v5() + make_v5()[:-10])
    assert len(events) == 6
    assert "no whole export packet" in troubles[0]


def test_without_the_decoder_the_advice_is_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codered.collect.flows.opening.has_decoder", lambda: False)
    with pytest.raises(WrongUse, match="netflow package"):
        read(tmp_path / "x", make_v5())


@given(
    data=st.sampled_from([make_v5(), make_v9(), make_ipfix()]),
    place=st.integers(4, 200),
    junk=st.binary(min_size=1, max_size=8),
)
@settings(deadline=None)
def test_any_damage_is_survived(data: bytes, place: int, junk: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    damaged = data[:place] + junk + data[place + len(junk) :]
    read(tmp_path_factory.mktemp("export") / "x", damaged + data)
