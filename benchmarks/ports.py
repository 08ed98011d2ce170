"""Switch ports: from the MAC of a machine to its port down, proven unreachable, and up again; one, and fifty at once.

    .venv/bin/python benchmarks/ports.py [--rounds 5]

A real Open vSwitch with Debian's snmpd (SNMPv3, SHA-256, AES) in namespaces of its own (needs root). Beside it, in the
same round, `snmpset` and `snmpget` set the same ports down one by one, read back and set up, with no backup, no timer
and no proof.
"""

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY / "src"), str(REPOSITORY)]

from codered_hq.containment.proving import does_answer, find_patience  # noqa: E402
from codered_hq.devices.many import put_many_in_place, take_many_back  # noqa: E402
from codered_hq.devices.snmp_session import SnmpSession, name_oid  # noqa: E402
from codered_hq.model.device import Controlled, ControlOrder  # noqa: E402
from tests.fixtures.networks import inside  # noqa: E402
from tests.fixtures.ovs_switches import ADDRESS, AUTH, PRIV, USER, Switch, running_switch  # noqa: E402

FDB = "1.3.6.1.2.1.17.7.1.2.2.1.2.20"


def find_port(switch: Switch, mac: str) -> str:
    """Where a MAC is plugged in, asked of the switch."""
    session = SnmpSession(switch.config())
    tail = tuple(int(part, 16) for part in mac.split(":"))
    name = ".".join([FDB, *map(str, tail)])
    number = int(session.get([name])[name])
    index = name_oid("dot1dBasePortIfIndex", (number,))
    named = name_oid("ifName", (int(session.get([index])[index]),))
    found = bytes(session.get([named])[named]).decode()
    session.close()
    return found


def contain(switch: Switch, ports: list[str]) -> tuple[float, float]:
    """Seconds until all are down as read back, and until all are up again."""
    orders = [ControlOrder(kind="disable_port", device="sw1", label=f"b-{port}", port=port) for port in ports]
    begin = time.perf_counter()
    results = put_many_in_place([switch.config()], orders, 3600)
    down = time.perf_counter() - begin
    held = [(one.order, one.answer.before) for one in results if isinstance(one.answer, Controlled)]
    assert len(held) == len(ports), results
    begin = time.perf_counter()
    assert all(isinstance(one.answer, Controlled) for one in take_many_back([switch.config()], held))
    return down, time.perf_counter() - begin


def contain_one(switch: Switch) -> float:
    """From the MAC to the proof that the machine is cut off, and up again."""
    machine = switch.machines[0]
    assert switch.reaches(machine.address, seconds=3)
    begin = time.perf_counter()
    assert does_answer(machine.address)
    patience = find_patience(time.perf_counter() - begin)
    order = ControlOrder(kind="disable_port", device="sw1", label="b-one", port=find_port(switch, machine.mac))
    (result,) = put_many_in_place([switch.config()], [order], 3600)
    assert isinstance(result.answer, Controlled), result.answer
    assert not does_answer(machine.address, (), patience)
    take_many_back([switch.config()], [(order, result.answer.before)])
    return time.perf_counter() - begin


def set_by_hand(ports: list[str], indexes: dict[str, int]) -> float:
    """The same by net-snmp's own programs."""
    words = ["-v3", "-l", "authPriv", "-u", USER, "-a", "SHA-256", "-A", AUTH, "-x", "AES", "-X", PRIV, ADDRESS]
    begin = time.perf_counter()
    for state in ("2", "1"):
        for port in ports:
            name = name_oid("ifAdminStatus", (indexes[port],))
            for program, more in (("snmpset", ["i", state]), ("snmpget", [])):
                done = [program, "-m", "", *words, name, *more]
                subprocess.run(done, stdout=subprocess.DEVNULL, check=True, timeout=30)
    return time.perf_counter() - begin


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with running_switch(machines=1, spare=50) as switch, inside(switch.hq):
        session = SnmpSession(switch.config())
        indexes = {bytes(name).decode(): index[0] for index, name in session.read_column("ifName").items()}
        session.close()
        ports, found = list(switch.spare), []
        contain(switch, ports[:1])  # libraries are loaded
        for _ in range(rounds):
            one = contain_one(switch)
            down, up = contain(switch, ports)
            found.append((one, down, up, set_by_hand(ports[:1], indexes), set_by_hand(ports, indexes)))
    names = (
        "one: MAC, down, proven, up",
        "fifty: down, read back",
        "fifty: up, read back",
        "one by snmpset",
        "fifty by snmpset",
    )
    for name, seconds in zip(names, zip(*found, strict=True), strict=True):
        print(f"{name:30} median {statistics.median(seconds):6.2f} s   worst {max(seconds):6.2f} s")


if __name__ == "__main__":
    main()
