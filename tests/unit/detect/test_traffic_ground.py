from codered.detect.log_addresses import OwnNetworks
from codered.detect.traffic_ground import TrafficGround, make_subject, name_actor
from codered.detect.traffic_story import show_address
from codered.model.process import ProcessId
from codered.model.traffic import Actor
from tests.unit.detect.test_traffic_signs import index, sign

WORM = Actor(
    address="192.0.2.7", process=ProcessId(12, 345), name="inert", program="/tmp/inert", command="/tmp/inert -x",
    user="www-data", sha256="ab" * 32,
)  # fmt: skip
STRANGER = Actor(address="203.0.113.9", why_no_process="a capture names no process")


def describe(key: bytes) -> Actor:
    return WORM if key.startswith(b"pid") else Actor(address=show_address(key), why_no_process="a capture names none")


def make_ground(allowed: str = "") -> TrafficGround:
    def allow(_actor: Actor, _ports: tuple[int, ...]) -> str:
        return allowed

    signs = index(sign("worm", "get", attack=["T1210"]), sign("worm", "likely", confidence="likely"))
    return TrafficGround(signs, {"worm": "The Worm"}, OwnNetworks().hold, describe, allow)


def test_who_is_ones_own() -> None:
    ground = make_ground()
    assert ground.is_own(WORM)
    assert ground.is_own(Actor(address="10.1.2.3"))
    assert not ground.is_own(STRANGER)
    assert not ground.is_own(Actor())
    assert TrafficGround({}, {}, OwnNetworks().hold, describe).allow(WORM, (80,)) == ""


def test_threats_by_the_names_that_people_use() -> None:
    ground = make_ground()
    assert ground.name_threat("worm") == "The Worm"
    assert ground.name_threat("unattributed", ("worm", "x")) == "a kind shared by The Worm, x"


def test_a_subject_is_the_process_or_else_the_address() -> None:
    subject = make_subject(WORM)
    assert (subject.kind, subject.pid, subject.start, subject.key) == ("process", 12, 345, "inert")
    assert (subject.path, subject.address) == ("/tmp/inert", "192.0.2.7")
    assert make_subject(STRANGER).address == "203.0.113.9"
    assert make_subject(Actor()).address == "unknown"
    assert make_subject(Actor(process=ProcessId(1, 2), program="memfd:x")).path is None


def test_names() -> None:
    assert name_actor(WORM) == "process 12 (inert)"
    assert name_actor(Actor(process=ProcessId(1, 2))) == "process 1"
    assert name_actor(STRANGER) == "203.0.113.9"
    assert name_actor(Actor()) == "somebody unknown"
