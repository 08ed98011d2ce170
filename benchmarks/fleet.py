"""Controller CPU of a fleet run: our engines against the bare ones doing the same push and run, in the same run.

    .venv/bin/python benchmarks/fleet.py [--hosts 50] [--minions 20] [--megabytes 30] [--only ansible|salt]

Needs root, sshd and .venv-salt. Real sshd hosts and real minions in network namespaces; the same machine carries them,
so CPU of the controller's processes is what counts (for Salt its master's too), and wall time is pessimistic. Bare: the
program and the input of each host copied, run, the input removed: a playbook of four tasks with pipelining and kept
connections; four calls of `salt`. Cold: the hosts miss the program; warm: they have it. 10,000 hosts is arithmetic.
"""

import argparse
import ctypes
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "src")]

from codered_hq.config import AnsibleConfig, SaltConfig  # noqa: E402
from codered_hq.engines.ansible_engine import AnsibleEngine  # noqa: E402
from codered_hq.engines.salt_engine import SaltEngine  # noqa: E402
from codered_hq.model.engine import Engine, EngineHost, Task  # noqa: E402
from tests.fixtures.fleet_programs import make_program, make_task  # noqa: E402
from tests.fixtures.networks import inside  # noqa: E402
from tests.fixtures.salt_masters import PROGRAMS, STATE, SaltMaster, running_salt  # noqa: E402
from tests.fixtures.ssh_fleets import SshFleet, list_descendants, running_ssh_fleet  # noqa: E402

BARE = "/run/codered/bare"
_SUBREAPER = 36


def spent(pid: int = 0) -> float:
    """CPU seconds of this process and of what it started and has ended, and of a process (a master) with all below."""
    whole = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        used = resource.getrusage(who)
        whole += used.ru_utime + used.ru_stime
    for each in [pid, *list_descendants(pid)] if pid else []:
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        whole += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return whole


def measure(what: str, hosts: int, work: Callable[[], None], *, master: int = 0, servers: frozenset[int]) -> float:
    """Print and return the CPU in ms per host. Connections that ansible left open are waited for: they cost too."""
    began, cost = time.monotonic(), spent(master)
    work()
    wall = time.monotonic() - began
    while set(list_children()) - servers:
        for child in set(list_children()) - servers:
            try:
                os.waitpid(child, os.WNOHANG)
            except ChildProcessError:
                continue
        time.sleep(0.2)
    each = (spent(master) - cost) / hosts
    print(
        f"{what:24} {each * 1000:6.0f} ms/host {wall:6.1f} s wall {each * 10_000 / 60:6.1f} min CPU for 10,000",
        flush=True,
    )
    return each * 1000


def list_children() -> list[int]:
    """The direct ones: orphans come to us."""
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def run_ours(engine: Engine, task: Task, hosts: list[EngineHost]) -> None:
    """The task, on all, and every answer is there."""
    found = list(engine.run(task, hosts))
    wrong = [one for one in found if one.outcome != "answered"]
    assert not wrong, wrong[:3]
    assert len(found) == len(hosts)


def run_bare_ansible(fleet: SshFleet, task: Task, hosts: list[EngineHost], folder: Path) -> None:
    """The same by ansible-playbook."""
    args = f"-o UserKnownHostsFile={fleet.known_hosts} -o StrictHostKeyChecking=yes"
    shared = {"ansible_user": "root", "ansible_ssh_private_key_file": str(fleet.private_key)}
    shared |= {"ansible_ssh_common_args": args, "ansible_python_interpreter": "python3"}
    shared["ansible_remote_tmp"] = f"{BARE}/tmp"
    inventory = {"all": {"hosts": {host.name: {"ansible_host": host.address} for host in hosts}, "vars": shared}}
    (folder / "hosts.json").write_text(json.dumps(inventory))
    for host in hosts:
        (folder / host.name).write_bytes(task.inputs[host.name])
    tasks = [
        {"copy": {"src": task.program.path, "dest": f"{BARE}/program.pyz", "mode": "0700"}},
        {"copy": {"src": f"{folder}/{{{{ inventory_hostname }}}}", "dest": f"{BARE}/input", "mode": "0600"}},
        {"command": {"argv": ["python3", "-I", f"{BARE}/program.pyz", "answer", f"{BARE}/input"]}},
        {"file": {"path": f"{BARE}/input", "state": "absent"}},
    ]
    (folder / "play.json").write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    own = {"ANSIBLE_PIPELINING": "1", "ANSIBLE_FORKS": str(10 * (os.cpu_count() or 1)), "ANSIBLE_HOME": str(folder)}
    own |= {"ANSIBLE_SSH_ARGS": "-o ControlMaster=auto -o ControlPersist=15s", "HOME": str(folder)}
    words = [
        str(Path(sys.executable).parent / "ansible-playbook"),
        "-i",
        str(folder / "hosts.json"),
        str(folder / "play.json"),
    ]
    done = subprocess.run(words, env={**os.environ, **own}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-500:]
    assert done.stdout.count("ok=4") == len(hosts)


def compare_ansible(count: int, size: int, folder: Path) -> list[float]:
    """Ratios, cold and warm."""
    addresses = [f"198.18.1.{at}" for at in range(1, count + 1)]
    hosts = [EngineHost(name=f"n{at}", address=address) for at, address in enumerate(addresses)]
    with running_ssh_fleet(folder) as fleet, inside(fleet.network.host):
        fleet.know(addresses)
        task = make_task(make_program(folder / "p", size=size), {host.name: {} for host in hosts})
        config = AnsibleConfig(
            private_key=str(fleet.private_key), known_hosts=str(fleet.known_hosts), folder=f"{STATE}/fleet"
        )
        engine = AnsibleEngine(config)
        servers = frozenset(list_children())
        found = []
        for kind in ("cold", "warm"):
            bare = measure(
                f"bare ansible, {kind}", count, lambda: run_bare_ansible(fleet, task, hosts, folder), servers=servers
            )
            ours = measure(f"our ansible, {kind}", count, lambda: run_ours(engine, task, hosts), servers=servers)
            found.append(ours / bare)
        return found


def run_bare_salt(salt: SaltMaster, task: Task, hosts: list[EngineHost]) -> None:
    """The same by the site's own programs."""
    (salt.roots / "program.pyz").write_bytes(Path(task.program.path).read_bytes())
    for host in hosts:
        (salt.roots / host.minion).write_bytes(task.inputs[host.name])
    before = [str(PROGRAMS / "salt"), "-c", str(salt.config), "-t", "20", "--out=json", "--static"]
    before += ["-L", ",".join(host.minion for host in hosts)]
    for words in (
        ["cp.get_file", "salt://program.pyz", f"{BARE}/program.pyz", "makedirs=true"],
        ["cp.get_file", "salt://{{grains.id}}", f"{BARE}/input", "template=jinja"],
        ["cmd.run_all", f"chmod 600 {BARE}/input; python3 -I {BARE}/program.pyz answer {BARE}/input"],
        ["file.remove", f"{BARE}/input"],
    ):
        done = subprocess.run([*before, *words], capture_output=True, text=True, check=False)
        assert len(json.loads(done.stdout)) == len(hosts), done.stdout[-500:] + done.stderr[-500:]
        assert "Traceback" not in done.stdout


def compare_salt(count: int, size: int, folder: Path) -> list[float]:
    """Ratios, cold and warm."""
    names = [f"m{at}" for at in range(count)]
    hosts = [EngineHost(name=name, minion=name) for name in names]
    with running_salt(folder, names) as salt, inside(salt.space):
        task = make_task(make_program(folder / "p", size=size), {name: {} for name in names})
        engine = SaltEngine(SaltConfig(programs=str(PROGRAMS), config=str(salt.config), folder=f"{STATE}/fleet"))
        servers = frozenset(list_children())
        found = []
        for kind in ("cold", "warm"):
            bare = measure(
                f"bare salt, {kind}", count, lambda: run_bare_salt(salt, task, hosts), master=salt.pid, servers=servers
            )
            ours = measure(
                f"our salt, {kind}", count, lambda: run_ours(engine, task, hosts), master=salt.pid, servers=servers
            )
            found.append(ours / bare)
        return found


def main() -> None:
    """Both engines, and the ratios (to be at most 1.2)."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--hosts", type=int, default=50)
    reader.add_argument("--minions", type=int, default=20)
    reader.add_argument("--megabytes", type=int, default=30)
    reader.add_argument("--only", choices=["ansible", "salt"])
    chosen = reader.parse_args()
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    for name, compare, count in (("ansible", compare_ansible, chosen.hosts), ("salt", compare_salt, chosen.minions)):
        if chosen.only in (None, name):
            with tempfile.TemporaryDirectory(prefix="fleet-") as folder:
                cold, warm = compare(count, chosen.megabytes << 20, Path(folder))
            print(
                f"{name}: ours / bare = {cold:.2f} cold, {warm:.2f} warm ({count} hosts, {chosen.megabytes} MB)",
                flush=True,
            )


if __name__ == "__main__":
    main()
