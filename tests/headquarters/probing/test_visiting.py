import pytest
from msgspec.structs import replace

from codered.model.errors import Refused, WrongUse
from codered_hq.model.sweep import PackProbe
from codered_hq.probing.ranges import AddressSpace
from codered_hq.probing.reading import Answer
from codered_hq.probing.visiting import Visit, plan_course
from tests.fixtures.sweep_runs import list_probes, make_job

PLACE = AddressSpace(("192.0.2.1",)).locate(0)
PAGE = Answer(status=200, fields={"server": "nginx/1.2 (x)"}, body=b"<Title lang=en> Hi\n there</title>", whole=True)
MISSING = Answer(status=404, whole=True)


def visit(fragile: bool = False, **fields: object) -> Visit:
    return Visit(plan_course(make_job("192.0.2.1", **fields)), PLACE, fragile)


def test_a_visit_without_checks() -> None:
    one = visit()
    assert one.request().startswith(b"GET / HTTP/1.1\r\n")
    assert not one.known
    one.take(PAGE)
    assert one.over
    (port,) = one.result().ports
    assert (port.state, port.product, port.version, port.title) == ("web", "nginx", "1.2", "Hi there")


def test_a_host_that_falls_silent_half_way_is_not_clean() -> None:
    one = visit(probes=list_probes())
    one.take(PAGE)
    assert one.ask().path == "/NULL.ida"
    one.fail("no_answer", "silent")
    result = one.result()
    assert (one.over, result.state) == (True, "undetermined")
    assert "after 1 answers: silent" in result.reason


def test_names_and_ports_are_gone_through() -> None:
    one = visit(ports=(80, 81), tls_ports=(443,), hosts=("", "a.example"))
    one.fail("no_answer", "silent")  # port 80: no other name is tried
    assert (one.door.port, one.door.name) == (81, "")
    one.take(Answer(status=0, fault="another protocol answers", web=False, line=b"SSH-2\r\nmore"))
    assert (one.door.port, one.door.tls) == (443, True)
    one.take(MISSING)
    assert one.door.name == "a.example"
    one.take(PAGE)
    result = one.result()
    assert [(port.port, port.state) for port in result.ports] == [(80, "no_answer"), (81, "not_web"), (443, "web")]
    assert (result.state, one.state()) == ("web", "web")
    assert "'SSH-2'" in result.ports[1].reason
    assert result.ports[2].product == "nginx"


def test_the_fragile_are_left_after_the_home_page() -> None:
    one = visit(True, probes=list_probes(), ports=(80, 81))
    one.take(replace_location(PAGE))
    assert one.over
    assert one.state() == "undetermined"
    reasons = {check.probe: check.because for check in one.result().ports[0].checks}
    assert "fragile" in reasons["ida-mapping"]


def replace_location(answer: Answer) -> Answer:
    return answer._replace(status=302, fields={"location": "/next"})


def test_a_job_that_makes_no_sense_is_refused() -> None:
    for fields in (
        {"ports": ()},
        {"ports": (0,)},
        {"hosts": ()},
        {"hosts": ("a\r\nX: y",)},
        {"hosts": ("a" * 64,)},
        {"hosts": ("a..b",)},
    ):
        with pytest.raises(WrongUse):
            visit(**fields)
    one = list_probes()[0]
    for path, control in (("/x?/c+dir", ""), ("/x", "/a;{random}"), ("/a\r\nX: y", "")):
        bad = PackProbe(pack="t", version="1", probe=replace(one.probe, path=path, control=control))
        with pytest.raises(Refused, match="the probe holds"):
            visit(probes=(bad,))
