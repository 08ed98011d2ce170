"""Walks on agents that lie; the honest ones are in test_switch_reading."""

import asyncio
import time
from typing import Any

import pytest

from codered_hq.resolving.snmp_access import SnmpAccess, SnmpLimits, open_session
from codered_hq.resolving.snmp_walking import Ended, Index, check_refusal, explain_error, read_oids, walk_column
from tests.fixtures.lying_agents import Asked, Liar, Row, running_liar, write, write_answer, write_number

QUICK = SnmpLimits(seconds=0.5, tries=3, rows_at_once=20)
IF_DESCR = tuple(map(int, read_oids()["ifDescr"].split(".")))
TOO_BIG = 1


def walk(liar: Liar, limits: SnmpLimits = QUICK) -> tuple[list[tuple[Index, Any]], str]:
    """Rows that came, and why the walk was ended."""
    rows: list[tuple[Index, Any]] = []

    async def run(port: int) -> str:
        session = open_session("127.0.0.1", SnmpAccess(community="x", port=port), limits)
        try:
            async for row in walk_column(session, "ifDescr", limits):
                rows.append(row)
        except Ended as error:
            return str(error)
        return ""

    with running_liar(liar) as port:
        return rows, asyncio.run(run(port))


def make_rows(first: int, many: int) -> list[Row]:
    return [((*IF_DESCR, number), write(4, b"port %d" % number)) for number in range(first, first + many)]


def find_next(asked: Asked) -> int:
    return asked.oid[-1] + 1 if len(asked.oid) > len(IF_DESCR) else 1


def serve(asked: Asked, last: int, portion: int) -> bytes:
    first = find_next(asked)
    rows = make_rows(first, max(0, min(portion if asked.kind == 0xA5 else 1, last + 1 - first)))
    return write_answer(asked, rows or [((1, 3, 6, 1, 2, 1, 3, 1), write_number(1))])


def test_a_table_is_read_to_its_end_though_answers_are_lost() -> None:
    lost = iter([True, False, True] + [False] * 50)
    rows, why = walk(lambda asked: None if next(lost) else serve(asked, 47, 20))
    assert why == ""
    assert rows == [((number,), b"port %d" % number) for number in range(1, 48)]


def test_an_error_in_place_of_rows_is_not_their_end() -> None:
    """ "Too big" for twenty rows, then for ten; one at a time all of them come."""

    def liar(asked: Asked) -> bytes:
        if asked.kind == 0xA5:
            return write_answer(asked, [], TOO_BIG)
        return serve(asked, 30, 1)

    rows, why = walk(liar)
    assert why == ""
    assert [index for index, _ in rows] == [(number,) for number in range(1, 31)]


def test_too_big_half_way() -> None:
    def liar(asked: Asked) -> bytes:
        many = 20 if b"\x02\x01\x14" in asked.packet else 10
        if asked.kind == 0xA5 and many == 20 and find_next(asked) > 20:
            return write_answer(asked, [], TOO_BIG)
        return serve(asked, 45, many)

    rows, why = walk(liar)
    assert why == ""
    assert [index for index, _ in rows] == [(number,) for number in range(1, 46)]


@pytest.mark.parametrize("seed", [(5, 5), (7, 3)])
def test_an_endless_walk_is_ended(seed: tuple[int, int]) -> None:
    rows, why = walk(lambda asked: write_answer(asked, [make_rows(number, 1)[0] for number in seed]))
    assert why == "rows that do not increase, after 2 of them: the agent would go on for ever"
    assert len(rows) == 1


def test_an_endless_table_is_ended() -> None:
    limits = SnmpLimits(seconds=0.5, tries=2, rows_at_once=20, most_rows=100)
    rows, why = walk(lambda asked: serve(asked, 10**6, 20), limits)
    assert why == "more than 100 rows"
    assert len(rows) == 100


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (b"\x30\x82\xff\xff\x02\x01\x01", "the answer can't be read"),
        (b"", "the answer can't be read"),
        (b"\x30\x03\x02\x01\x00", "the answer can't be read"),
    ],
)
def test_answers_that_are_none(reply: bytes, why: str) -> None:
    rows, said = walk(lambda _: reply)
    assert rows == []
    assert said.startswith(why)


def test_a_packet_that_breaks_the_library_ends_this_switch_alone() -> None:
    """Its compiled part panics on a header cut within its length, with an exception beside Exception."""
    rows, why = walk(lambda _: b"\x30\x84\x01")
    assert rows == []
    assert why.startswith(("the answer can't be read", "it sends packets that no reader should get"))


def test_silence_and_refusal_are_told_apart() -> None:
    _, silent = walk(lambda _: None, SnmpLimits(seconds=0.1, tries=2))
    assert silent == "no answer (2 tries, 0.1 s each)"
    with pytest.raises(Ended, match="no SNMP agent listens"):
        check_refusal(time.monotonic(), QUICK)
    check_refusal(time.monotonic() - 0.5, QUICK)
    assert explain_error(OSError(113, "No route to host")) == "No route to host"
    assert explain_error(ValueError("odd")) == "the answer can't be read (odd)"


def test_an_index_longer_than_any_can_be() -> None:
    rows, why = walk(lambda asked: write_answer(asked, [((*IF_DESCR, *range(1, 130)), write_number(1))]))
    assert (rows, why) == ([], "an index that is longer than any can be")
