import msgspec

from codered.scan.sampling import Sampled
from codered.scan.tasks import Counted


def test_what_a_child_answers_comes_back_as_it_was() -> None:
    sampled = Sampled(counted=[Counted("network", "here", "failed", "why")], seconds=1.5)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(sampled), type=Sampled) == sampled
    assert Sampled().summary is None
