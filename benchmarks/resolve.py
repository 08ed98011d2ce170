"""Names and places from the network: node status of 65,536 addresses, SNMP tables in microseconds a row.

    .venv/bin/python benchmarks/resolve.py [--recording FILE] [--addresses N] [--rate N]

Node status: one responder in a network of its own answers for 198.18.0.0/16; asker and responder share the machine.
SNMP: Debian's snmpd on loopback serves a recorded switch (snmprec); the cut one of the tests, or a whole one by
--recording. The microseconds are the CPU of the reading process alone, for every row of every column.
"""

import argparse
import asyncio
import ipaddress
import os
import platform
import resource
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "src")]

from codered_hq.model.inventory import Skipped  # noqa: E402
from codered_hq.resolving.asking import AskLimits  # noqa: E402
from codered_hq.resolving.locating import locate  # noqa: E402
from codered_hq.resolving.node_status import NodeStatus, ask_node_status  # noqa: E402
from codered_hq.resolving.snmp_access import SnmpAccess, SnmpLimits, open_session  # noqa: E402
from codered_hq.resolving.snmp_walking import walk_column  # noqa: E402
from codered_hq.resolving.switch_reading import COLUMNS, read_switches  # noqa: E402
from codered_hq.resolving.switch_tables import SwitchTables  # noqa: E402
from tests.fixtures.networks import inside, joined_namespaces  # noqa: E402
from tests.fixtures.small_responders import NODE_STATUS, running_responder  # noqa: E402
from tests.fixtures.snmp_agents import AUTH, COMMUNITY, PRIV, RECORDINGS, USER, Agent, running_agent  # noqa: E402

NETWORK = "198.18.0.0/16"


def measure_node_status(many: int, rate: float) -> None:
    addresses = [str(address) for address in ipaddress.ip_network(NETWORK)][:many]
    with joined_namespaces() as network:
        network.world.run("ip", "route", "add", "local", NETWORK, "dev", "lo")
        with running_responder(network.world, NODE_STATUS, 137), inside(network.host):
            begin, cpu = time.perf_counter(), time.process_time()
            found = list(ask_node_status(addresses, AskLimits(per_second=rate)))
            seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    answered = sum(isinstance(one, NodeStatus) for one in found)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"node status  {answered:,} of {len(addresses):,} answered ({answered / len(addresses):.2%}), each once:")
    print(f"             {len(found) == len(addresses)}; {seconds:.1f} s, {cpu:.1f} CPU-s, {memory:.0f} MiB at most")


def measure_walk(agent: Agent, access: SnmpAccess) -> tuple[int, float]:
    """Rows, and CPU seconds, of all columns once."""

    async def run() -> int:
        limits, rows = SnmpLimits(), 0
        session = open_session(agent.address, access, limits)
        await session.refresh()
        for column in COLUMNS:
            async for _ in walk_column(session, column, limits):
                rows += 1
        return rows

    cpu = time.process_time()
    rows = asyncio.run(run())
    return rows, time.process_time() - cpu


def measure_switch(recording: str | Path) -> None:
    with tempfile.TemporaryDirectory() as folder, running_agent(Path(folder), recording) as agent:
        plain = SnmpAccess(community=COMMUNITY, port=agent.port)
        signed = SnmpAccess(user=USER, auth_password=AUTH, priv_password=PRIV, port=agent.port)
        for name, access in (("v2c", plain), ("v3 SHA-256, AES", signed)):
            rows, walked = measure_walk(agent, access)
            cpu = time.process_time()
            (tables,) = read_switches([agent.address], access)
            cpu = time.process_time() - cpu
            if not isinstance(tables, SwitchTables):
                raise SystemExit(tables.why if isinstance(tables, Skipped) else "nothing was read")
            begin = time.process_time()
            located = locate([seen.mac for seen in tables.macs], [tables])
            placing = time.process_time() - begin
            print(f"SNMP {name:16}{rows:,} rows: walking {walked / rows * 1e6:.1f} us a row, with tables made of them")
            print(
                f"{'':21}{cpu / rows * 1e6:.1f} us; {len(tables.macs):,} MACs placed in {placing * 1e3:.0f} ms", end=""
            )
            print(f" ({len(located.places):,} with a port, {len(located.reasons):,} remarks)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recording", type=Path, default=RECORDINGS / "huawei-s12704.snmprec")
    parser.add_argument("--addresses", type=int, default=65536)
    parser.add_argument("--rate", type=float, default=AskLimits().per_second)
    given = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {platform.platform()}")
    print(f"Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}, load {os.getloadavg()[0]:.1f}")
    measure_node_status(given.addresses, given.rate)
    measure_switch(given.recording)


if __name__ == "__main__":
    main()
