"""Questions to agents that lie, and settings that can't be meant so."""

import socket
from typing import Any

import msgspec
import pytest
from pysnmp.proto.rfc1902 import Integer32

from codered.model.errors import WrongUse
from codered_hq.config import DeviceConfig
from codered_hq.devices.snmp_session import SnmpSession, check_access, name_oid, read_oids
from codered_hq.model.device import DeviceFailed

CONFIG = DeviceConfig(name="sw1", address="127.0.0.1", driver="snmp", community="words", port=9, seconds=0.1)


def test_settings_that_cannot_be_meant() -> None:
    v3 = {"community": "", "user": "me", "auth_password": "long enough", "priv_password": "long enough"}
    check_access(CONFIG)
    check_access(msgspec.structs.replace(CONFIG, **v3))
    for change in ({"user": "me"}, {"community": ""}, v3 | {"auth_password": ""}, v3 | {"priv_password": "short"}):
        with pytest.raises(WrongUse):
            check_access(msgspec.structs.replace(CONFIG, **change))
    assert name_oid("ifName", (7,)) == f"{read_oids()['ifName']}.7"


@pytest.mark.parametrize("rows", [[(1,), (1,)], [(2,), (1,)]])
def test_a_table_that_goes_back_is_ended(rows: list[tuple[int, ...]], monkeypatch: pytest.MonkeyPatch) -> None:
    session = SnmpSession(CONFIG)
    root = tuple(map(int, read_oids()["ifName"].split(".")))

    async def lie(*_: object) -> list[tuple[Any, Any]]:
        return [((*root, *row), Integer32(1)) for row in rows]

    monkeypatch.setattr(session, "_ask", lie)
    with pytest.raises(DeviceFailed, match="does not end"):
        session.read_column("ifName")
    session.close()
    session.close()


def test_noise_is_no_answer() -> None:
    asked: list[int] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as agent:
        agent.bind(("127.0.0.1", 0))
        session = SnmpSession(msgspec.structs.replace(CONFIG, port=agent.getsockname()[1], seconds=0.4))
        noise = b"\x30\x84\xff\xff\xff\xff"
        session._loop.add_reader(agent, lambda: asked.append(agent.sendto(noise, agent.recvfrom(2000)[1])))
        with pytest.raises(DeviceFailed):
            session.get([name_oid("sysDescr", (0,))])
        assert asked
        session._loop.remove_reader(agent)
        session.close()
