"""What was found and what is covered, as text and as JSON; hostile texts are shown safely."""

import msgspec
import pytest

from codered_hq.cli.sweep_showing import SweepDocument, draw_coverage
from codered_hq.sweeps.coverage import Coverage, measure_coverage
from codered_hq.sweeps.models import Sweep
from codered_hq.sweeps.views import SweepList
from tests.fixtures.inventories import HOUR, document_subnets, make_host
from tests.fixtures.saying import Say
from tests.fixtures.sweeps import make_permit, now, swept

pytestmark = pytest.mark.django_db


def test_documents_and_texts(say: Say) -> None:
    assert (say("sweep", "--list").out, say("sweep", "--coverage").code) == ("no sweeps\n", 3)
    document_subnets("10.1.0.0/24", "10.2.0.0/24", zone="z", name="evil\x1b[2J")
    permit = make_permit(ranges="[10.1.0.0/24]")
    sweep = swept("10.1.0.0/24", "10.2.0.0/30", at=now() - HOUR, permit=permit, vulnerable=["10.1.0.5"])
    Sweep.objects.update(notes=["around 10.1.0.5: \x1b[31mslow"], stopped="cut\x07")
    shown = say("sweep", "--show", sweep.uid[:8])
    assert (shown.code, "vulnerable  10.1.0.5" in shown.out, "\x1b" in shown.out) == (1, True, False)
    assert "ended early: cut\\x07" in shown.out
    assert "4 not authorised" in shown.out
    document = msgspec.json.decode(say("sweep", "--show", sweep.uid[:8], "--json").out, type=SweepDocument)
    assert (document.coverage.total, document.sweep.left_out) == (260, (("10.2.0.0/30", "not authorised"),))
    listed = msgspec.json.decode(say("sweep", "--list", "--json").out, type=SweepList)
    assert [each.uid for each in listed.sweeps] == [sweep.uid]
    covered = msgspec.json.decode(say("sweep", "--coverage", "--json").out, type=Coverage)
    assert (covered.total, covered.complete) == (512, False)
    part = say("sweep", "--coverage", "10.1.0.0/24")
    assert (part.code, "256 of 256 addresses" in part.out) == (0, True)
    stale = say("sweep", "--coverage", "10.1.0.0/24", "--max-age", "0.5")
    assert (stale.code, "stale (last heard of" in stale.out) == (3, True)


def test_every_subnet_that_is_not_covered_is_named_with_the_reason() -> None:
    document_subnets("10.1.0.0/24", "fd00::/64", zone="lab", zone_kind="lab")
    lines = "\n".join(draw_coverage(measure_coverage(now())))
    assert "0 of 1 documented subnets are covered" in lines
    assert "0 addresses of fd00::/64 asked; a /64 can't be swept" in lines
    assert "256 lab not attached (nothing in it answers)" in lines
    assert "no address in it is known" in lines


def test_one_address_says_nothing_of_its_subnet(say: Say) -> None:
    document_subnets("10.62.0.0/24", "fd00::/64")
    make_host("web", "fd00::7")
    swept("10.62.0.9", "fd00::7", at=now() - HOUR, clean=["10.62.0.9", "fd00::7"])
    one = say("sweep", "--coverage", "10.62.0.9", "fd00::7")
    assert (one.code, "covered" in one.out, "%" in one.out) == (0, False, False), one
    assert "1 of 256 addresses of 10.62.0.0/24 were asked\n" in one.out
    assert "1 address of fd00::/64 asked; a /64 can't be swept\n" in one.out
    swept("10.62.0.0/24", at=now() - HOUR, clean=["10.62.0.9"])
    whole = say("sweep", "--coverage").out
    assert ("1 of 1 documented subnets are covered" in whole, "a /64 can't be swept" in whole, "%" in whole) == (
        True, True, False,
    )  # fmt: skip
    assert "(100.0%)" in say("sweep", "--coverage", "10.62.0.0/24").out
