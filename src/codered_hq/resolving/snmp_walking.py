"""One column of an SNMP table, read to its end: asked again where an answer was lost, ended where the agent lies.

The library's own walk takes an error in place of rows ("too big", "not allowed") for the end of the table. Here such
an end is asked about once more, row by row, before it is believed; so its sessions are used one floor lower.
"""

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import cache
from importlib import resources
from typing import Any, TypeVar

from codered_hq.resolving.snmp_access import SnmpLimits, load_library

Index = tuple[int, ...]
T = TypeVar("T")
Session = Any  # of the optional library
_INDEX_MOST = 128
_FEW_ROWS = 10


class Ended(Exception):
    """A walk that had to be ended before its time, and why: one short reason. `fatal`: nothing more of this switch."""

    def __init__(self, why: str, *, fatal: bool = False) -> None:
        super().__init__(why)
        self.fatal = fatal


async def guard(answer: Awaitable[T]) -> T:
    """Some packets make the library's compiled part panic, with an exception beside Exception: a hostile switch must
    not end the work on all others. Raises Ended.
    """
    try:
        return await answer
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise Ended("it sends packets that no reader should get: nothing of it is taken", fatal=True) from None
        raise


@cache
def read_oids() -> dict[str, str]:
    """The columns by their names."""
    table: dict[str, str] = json.loads(resources.files(__package__).joinpath("oids.json").read_text(encoding="utf-8"))
    return table


async def walk_column(session: Session, column: str, limits: SnmpLimits) -> AsyncIterator[tuple[Index, Any]]:
    """Index and value of each row of the column. Raises Ended."""
    walk = _Walk(session, read_oids()[column], limits)
    done: Index = ()
    while True:
        before: Index = ()
        async for index, value in walk.read():
            if index <= before:
                raise Ended(f"rows that do not increase, after {walk.rows} of them: the agent would go on for ever")
            before = index
            if index > done:  # else it is read again, in smaller portions
                done = index
                yield index, value
        if not await walk.go_on():
            return


class _Walk:
    """Rows in portions; `rows` counts what came, again or not."""

    def __init__(self, session: Session, base: str, limits: SnmpLimits) -> None:
        make = load_library()._fast.GetIter
        self.rows = 0
        self._session, self._base, self._limits = session, base, limits
        self._make, self._portion = make, limits.rows_at_once
        self._place = make(base, self._portion)
        self._settled = False

    async def read(self) -> AsyncIterator[tuple[Index, Any]]:
        """Every row from the begin until no more come. Raises Ended."""
        socket, begin = self._session._sock, len(self._base) + 1
        single = self._portion == 1
        while True:
            if single:
                portion = await self._ask(socket.send_get_next, socket.recv_get_next)
                portion = [portion] if portion else None
            else:
                portion = await self._ask(socket.send_get_bulk, socket.recv_get_bulk)
            if not portion:
                self._settled = single
                return
            for row in portion:
                if row is None:  # the first row of another table
                    self._settled = True
                    return
                self.rows += 1
                if self.rows > self._limits.most_rows:
                    raise Ended(f"more than {self._limits.most_rows} rows")
                yield _read_index(row[0][begin:]), row[1]

    async def go_on(self) -> bool:
        """True if the table was not at its end, and is to be read again in smaller portions."""
        if self._settled:
            return False
        socket = self._session._sock
        if not await self._ask(socket.send_get_next, socket.recv_get_next):
            return False
        self._portion = _FEW_ROWS if self._portion > _FEW_ROWS else 1
        self._place = self._make(self._base, self._portion)
        return True

    async def _ask(self, send: Callable[[Any], None], receive: Callable[[Any], Any]) -> Any:  # noqa: ANN401
        """What came back, None = nothing more. Raises Ended."""
        for _ in range(self._limits.tries):
            begin = time.monotonic()
            try:
                await guard(self._session._send(lambda: send(self._place)))
                return await guard(self._session._recv(lambda: receive(self._place)))
            except StopAsyncIteration:
                return None
            except TimeoutError:
                check_refusal(begin, self._limits)
            except find_errors() as error:
                if type(error).__name__ == "NoSuchInstance":
                    return None
                raise Ended(explain_error(error)) from None
        raise make_silence(self._limits)


def check_refusal(begin: float, limits: SnmpLimits) -> None:
    """The library calls a refusal (ICMP: port unreachable) a time-out too; but it comes at once. Raises Ended."""
    if time.monotonic() - begin < limits.seconds / 2:
        raise Ended("the host is there, and no SNMP agent listens")


def make_silence(limits: SnmpLimits) -> Ended:
    """Nothing came back."""
    return Ended(f"no answer ({limits.tries} tries, {limits.seconds:g} s each)")


def _read_index(text: str) -> Index:
    index = tuple(map(int, text.split("."))) if text else (0,)
    if len(index) > _INDEX_MOST:
        raise Ended("an index that is longer than any can be")
    return index


@cache
def find_errors() -> tuple[type[Exception], ...]:
    """What the SNMP library raises, and what it lets through of the socket."""
    library = load_library()
    return (library.SnmpError, library.NoSuchInstance, OSError, ValueError)


def explain_error(error: Exception) -> str:
    """One short reason for an error of the SNMP library or of the socket."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if "Auth" in type(error).__name__:
        return "the agent does not take this user or its password"
    return f"the answer can't be read ({str(error)[:80] or type(error).__name__})"
