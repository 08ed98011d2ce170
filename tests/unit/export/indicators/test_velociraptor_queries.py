from codered.export.indicators.velociraptor_queries import read_queries


def test_each_caller_gets_queries_of_its_own() -> None:
    one, other = read_queries(), read_queries()
    assert one == other
    assert one is not other
    assert one["type"] == "CLIENT"
