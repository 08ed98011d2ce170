"""One SNMP session with a device that is changed: values got, columns read, several values set in one packet.

The library speaks asyncio; a session has a loop of its own, so one thread at a time uses it. What comes back is
hostile: rows, sizes and time are capped.
"""

import asyncio
import json
import time
from collections.abc import Coroutine, Sequence
from functools import cache
from importlib import resources
from typing import Any, TypeVar

from codered.model.errors import WrongUse
from codered_hq.config import DeviceConfig
from codered_hq.model.device import DeviceFailed, DeviceSilent

Index = tuple[int, ...]
T = TypeVar("T")
MOST_ROWS = 20_000
MOST_SECONDS = 60.0  # for one column
ROWS_AT_ONCE = 40
_NAMES_AT_ONCE = 24  # in one packet, so that it stays below what every device takes
_AUTH = {
    "md5": "usmHMACMD5AuthProtocol", "sha1": "usmHMACSHAAuthProtocol", "sha224": "usmHMAC128SHA224AuthProtocol",
    "sha256": "usmHMAC192SHA256AuthProtocol", "sha384": "usmHMAC256SHA384AuthProtocol",
    "sha512": "usmHMAC384SHA512AuthProtocol",
}  # fmt: skip
_PRIV = {
    "des": "usmDESPrivProtocol", "aes128": "usmAesCfb128Protocol", "aes192": "usmAesCfb192Protocol",
    "aes256": "usmAesCfb256Protocol",
}  # fmt: skip


class NotThere(DeviceFailed):
    """The device has no such value, or does not let it be set."""


@cache
def read_oids() -> dict[str, str]:
    """The columns by their names."""
    table: dict[str, str] = json.loads(resources.files(__package__).joinpath("oids.json").read_text(encoding="utf-8"))
    return table


def name_oid(column: str, index: Index) -> str:
    """One value of a column, as dotted numbers."""
    return ".".join([read_oids()[column], *map(str, index)])


@cache
def load_library() -> Any:  # noqa: ANN401 - it may be missing
    """The SNMP library. Raises WrongUse if it is not installed."""
    try:
        import pysnmp.hlapi.v3arch.asyncio as library
    except ImportError:
        raise WrongUse("pysnmp is not installed", where="SNMP", advice="install codered-detect[devices]") from None
    return library


@cache
def library_of_errors() -> Any:  # noqa: ANN401
    """What the library says when nothing came of a question."""
    import pysnmp.proto.errind

    return pysnmp.proto.errind


def check_access(config: DeviceConfig) -> None:
    """Raises WrongUse if it cannot be meant so."""
    where = f"device {config.name}"
    if bool(config.community) == bool(config.user):
        raise WrongUse(
            "give either a community (SNMP v2c) or a user (v3)", where=where, advice="see docs/containment.md"
        )
    if config.priv_password and not config.auth_password:
        raise WrongUse("encryption needs a password for signing too", where=where, advice="give auth_password")
    for password in (config.auth_password, config.priv_password):
        if password and len(password) < 8:
            raise WrongUse("a password of SNMP v3 has at least 8 characters", where=where, advice="give the whole one")


class SnmpSession:
    """A session, opened at the first question. Every method raises DeviceFailed."""

    def __init__(self, config: DeviceConfig) -> None:
        check_access(config)
        self._config = config
        self._library = load_library()
        self._loop = asyncio.new_event_loop()
        # A packet that can't be read is nothing to shout about: the question is asked again, then it has failed.
        self._loop.set_exception_handler(lambda _loop, _context: None)
        self._engine = self._library.SnmpEngine()
        self._who = self._make_who()
        self._transport: Any = None

    def _make_who(self) -> Any:  # noqa: ANN401
        library, config = self._library, self._config
        if config.community:
            return library.CommunityData(config.community, mpModel=1)
        return library.UsmUserData(
            config.user,
            config.auth_password or None,
            config.priv_password or None,
            authProtocol=getattr(library, _AUTH[config.auth]) if config.auth_password else None,
            privProtocol=getattr(library, _PRIV[config.priv]) if config.priv_password else None,
        )

    def get(self, names: Sequence[str]) -> dict[str, Any]:
        """The values by their dotted names; one that the device does not have is left out."""
        found: dict[str, Any] = {}
        for at in range(0, len(names), _NAMES_AT_ONCE):
            rows = self._run(self._ask("get_cmd", [(name, None) for name in names[at : at + _NAMES_AT_ONCE]]))
            found |= {str(name): value for name, value in rows if not self._is_absent(value)}
        return found

    def set(self, values: Sequence[tuple[str, str, int | str]]) -> None:
        """Set all of them in one packet, or none: (dotted name, "i" integer, "u" unsigned, "o" name, "x" octets in
        hex, value). Raises NotThere if the device has no such value or does not let us.
        """
        self._run(self._ask("set_cmd", [(name, self._make_value(kind, value)) for name, kind, value in values]))

    def read_column(self, column: str) -> dict[Index, Any]:
        """Every row of a column; empty if the device has none."""
        return self._run(self._walk(read_oids()[column]))

    def close(self) -> None:
        """Let go of the socket."""
        if self._loop.is_closed():
            return
        self._engine.close_dispatcher()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def _make_value(self, kind: str, value: int | str) -> Any:  # noqa: ANN401
        library = self._library
        if kind == "x":
            return library.OctetString(hexValue=str(value))
        return {"i": library.Integer32, "u": library.Gauge32, "o": library.ObjectIdentifier}[kind](value)

    def _is_absent(self, value: object) -> bool:
        library = self._library
        return isinstance(value, library.NoSuchInstance | library.NoSuchObject | library.EndOfMibView)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        from pysnmp.error import PySnmpError

        try:
            return self._loop.run_until_complete(work)
        except (PySnmpError, OSError, ValueError) as error:
            raise self.fail(
                f"SNMP: {str(error).splitlines()[0][:200] if str(error) else type(error).__name__}"
            ) from None

    def fail(self, what: str, kind: type[DeviceFailed] = DeviceFailed) -> DeviceFailed:
        """The failure with the name of the device."""
        return kind(f"{self._config.name}: {what}")

    async def _ask(self, verb: str, values: list[tuple[str, Any]], *numbers: int) -> list[tuple[Any, Any]]:
        library, config = self._library, self._config
        if self._transport is None:
            place = (config.address, config.port or 161)
            kind = library.Udp6TransportTarget if ":" in config.address else library.UdpTransportTarget
            self._transport = await kind.create(place, timeout=config.seconds / 2, retries=1)
        objects = [
            library.ObjectType(library.ObjectIdentity(name), *([] if value is None else [value]))
            for name, value in values
        ]
        indication, status, place_of, rows = await getattr(library, verb)(
            self._engine, self._who, self._transport, library.ContextData(), *numbers, *objects, lookupMib=False
        )
        if indication:
            silent = isinstance(indication, library_of_errors().RequestTimedOut)
            raise self.fail(f"SNMP: {str(indication)[:200]}", DeviceSilent if silent else DeviceFailed)
        if int(status):
            at = int(place_of) - 1
            about = values[at][0] if 0 <= at < len(values) else values[0][0]
            raise self.fail(f"SNMP: {status.prettyPrint()[:60]} for {about}", NotThere)
        return list(rows)

    async def _walk(self, base: str) -> dict[Index, Any]:
        found: dict[Index, Any] = {}
        root = tuple(map(int, base.split(".")))
        place, until = base, time.monotonic() + MOST_SECONDS
        last: Index = root
        while True:
            rows = await self._ask("bulk_cmd", [(place, None)], 0, ROWS_AT_ONCE)
            for name, value in rows:
                here = tuple(name)
                if here[: len(root)] != root or self._is_absent(value):
                    return found
                if here <= last or len(found) >= MOST_ROWS or time.monotonic() > until:
                    raise self.fail(f"SNMP: the table {base} does not end")
                last = here
                found[here[len(root) :]] = value
            if not rows:
                return found
            place = ".".join(map(str, last))
