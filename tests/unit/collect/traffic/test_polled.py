from tests.fixtures.networks import running_network
from tests.fixtures.sensing import attempts_of, connect_slowly, watch


def test_tables_alone_show_what_lives_long_enough() -> None:
    with running_network() as network:
        seen = watch(
            network.host, connect_slowly, lambda events: attempts_of(events) >= 8, tracefs=False, packets=False
        )
    assert seen.counts.with_process >= 8
    assert any("every 0.1 s" in note for note in seen.notes)
