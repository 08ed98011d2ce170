"""The laboratory is what truth.json says, by standard tools; and it leaves nothing behind, however it ends."""

import http.client
import json
import os
import re
import socket
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path

import dns.resolver
import pytest

from lab.cables import TRUNK
from lab.namespaces import CannotBuild, entered, name_namespace
from lab.plan import read_plan
from lab.running import Running, running
from lab.words import main

ROOT = Path(__file__).resolve().parents[2]
Asked = tuple[int, bytes]


@pytest.fixture(scope="module")
def lab() -> Iterator[Running]:
    # A short name: sockets stand in the folder.
    folder = Path(tempfile.mkdtemp(prefix="lab-"))
    with running(folder) as up:
        yield up
    assert not folder.exists()


def ask(
    lab: Running, address: str, path: str = "/", *, host: str = "", method: str = "GET", tls: bool = False
) -> Asked:
    """Status and at most 64 KiB of the answer, asked from headquarters."""
    with entered(name_namespace(lab.record.id, "hq")):
        if tls:
            anything = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            anything.check_hostname, anything.verify_mode = False, ssl.CERT_NONE
            caller: http.client.HTTPConnection = http.client.HTTPSConnection(address, 443, timeout=3, context=anything)
        else:
            caller = http.client.HTTPConnection(address, 80, timeout=3)
        caller.request(method, path, headers={"Host": host} if host else {})
        answer = caller.getresponse()
        body = answer.read(65536)
        caller.close()
        return answer.status, body


def judge(lab: Running, address: str, *, host: str = "", tls: bool = False) -> str:
    """What the packs' probes, done by hand, say of a server."""
    status, home = ask(lab, address, host=host, tls=tls)
    assert status == 200
    if b"Hacked By Chinese!" in home or re.search(rb'<script[^>]{0,60}>window\.open\("readme\.eml"', home):
        return "infected"
    backdoor, control = (
        ask(lab, address, f"/scripts/{name}.exe", host=host, method="HEAD", tls=tls)[0] for name in ("root", "wqzjxk")
    )
    if backdoor == 200 and control == 404:
        return "infected"
    _, mapping = ask(lab, address, "/NULL.ida", host=host, tls=tls)
    if re.search(rb"HTML(.|\n){0,300}IDQ(.|\n){0,200}NULL\.ida", mapping):
        return "vulnerable"
    return "undetermined" if control == 200 else "clean"


def reach(lab: Running, address: str, port: int = 80) -> str:
    """What a plain connection from headquarters meets."""
    with entered(name_namespace(lab.record.id, "hq")):
        try:
            socket.create_connection((address, port), timeout=0.5).close()
        except TimeoutError:
            return "silence"
        except ConnectionRefusedError:
            return "closed"
        except OSError as error:
            return os.strerror(error.errno or 0)
        return "open"


def test_every_web_server_is_what_the_truth_says(lab: Running) -> None:
    judged = 0
    for address, told in lab.truth["addresses"].items():
        if told["state"] in ("clean", "vulnerable", "infected") or told["machine"] in ("printer", "everything"):
            found = judge(lab, address, tls=told["ports"] == [443])
            assert found in (told["state"], *told.get("also", [])), (address, told)
            judged += 1
    assert judged >= 13
    for site, told in lab.truth["sites"].items():
        assert judge(lab, told["address"], host=site) == told["state"], site
    states = {told["machine"]: told["state"] for told in lab.truth["addresses"].values()}
    assert [states[name] for name in ("iis-defaced", "iis-backdoor", "iis-nimda")] == ["infected"] * 3
    assert (states["iis-unpatched"], states["pc1"], states["iis-patched"]) == ("vulnerable", "vulnerable", "clean")


def test_servers_that_are_bad_company(lab: Running) -> None:
    bomb, body = ask(lab, "10.62.0.20")
    assert (bomb, body[:3]) == (200, b"\x1f\x8b\x08")
    assert ask(lab, "10.62.0.21")[0] == 302
    assert len(ask(lab, "10.62.0.19")[1]) == 65536  # and would go on
    with pytest.raises(http.client.BadStatusLine):
        ask(lab, "10.62.0.24")
    with entered(name_namespace(lab.record.id, "hq")), socket.create_connection(("10.62.0.18", 80)) as slow:
        slow.sendall(b"GET / HTTP/1.0\r\n\r\n")
        slow.settimeout(3)
        assert slow.recv(100) == b"H"
    asked = [json.loads(line) for line in (lab.folder / "logs/requests.jsonl").read_text().splitlines()]
    assert not [line for line in asked if line["address"] == "10.66.0.66"]  # where the redirect leads


def test_walls_are_where_the_truth_says(lab: Running) -> None:
    refused = os.strerror(113)
    met = {"filtered": refused, "no_answer": "silence", "not_web": "closed"}
    for address, told in lab.truth["addresses"].items():
        if told["state"] in met and told["machine"] != "banner":
            assert reach(lab, address) == met[told["state"]], (address, told)
    assert reach(lab, "10.62.0.200") == "silence"  # nobody there
    assert [reach(lab, f"10.65.0.{last}") for last in range(100, 140)] == [refused] * 40  # refusals are not rationed
    assert reach(lab, "10.64.0.5") == os.strerror(101)  # no route
    assert (reach(lab, "10.63.0.5", 22), reach(lab, "10.63.0.5")) == ("open", "silence")
    covered = {told["name"]: told["coverage"] for told in lab.truth["subnets"].values()}
    assert {name for name, word in covered.items() if word == "unreachable"} == {"plant", "laboratory", "blocked"}


def walk(lab: Running, switch: str, oid: str, *, secure: bool = False, form: str = "-Oa") -> dict[str, str]:
    """A table of a switch: the OID's rest -> value as snmpwalk prints it."""
    snmp = lab.access["snmp"]
    words = ["snmpbulkwalk", "-On", "-OQ", "-Oe", form]
    if secure:
        words += ["-v3", "-l", "authPriv", "-u", snmp["user"], "-a", "SHA-256", "-A", snmp["auth_key"]]
        words += ["-x", "AES", "-X", snmp["priv_key"]]
    else:
        words += ["-v2c", "-c", snmp["community"]]
    done = lab.run([*words, lab.access["switches"].get(switch, lab.access["router"]), oid])
    assert done.returncode == 0, done.stderr
    rows = (line.partition(" = ") for line in done.stdout.splitlines())
    return {name.removeprefix(f"{oid}."): value.strip('" ') for name, _, value in rows}


def find_places(lab: Running, switch: str, *, secure: bool = False) -> dict[str, tuple[str, str, int]]:
    """MAC -> port, description and VLAN by Q-BRIDGE, base ports, IF-MIB: what a locator does."""
    interfaces = walk(lab, switch, ".1.3.6.1.2.1.17.1.4.1.2", secure=secure)
    names = walk(lab, switch, ".1.3.6.1.2.1.31.1.1.1.1", secure=secure)
    descriptions = walk(lab, switch, ".1.3.6.1.2.1.31.1.1.1.18", secure=secure)
    found = {}
    for index, port in walk(lab, switch, ".1.3.6.1.2.1.17.7.1.2.2.1.2", secure=secure).items():
        vlan, *mac = (int(part) for part in index.split("."))
        if port in interfaces:
            interface = interfaces[port]
            name = ":".join(f"{part:02x}" for part in mac)
            if names[interface] != TRUNK or name not in found:  # of a machine that moved a trunk remembers the old VLAN
                found[name] = (names[interface], descriptions[interface], vlan)
    return found


def test_switches_tell_where_everybody_is(lab: Running) -> None:
    places = {"sw1": find_places(lab, "sw1"), "sw2": find_places(lab, "sw2", secure=True)}
    for address, told in lab.truth["addresses"].items():
        if "mac" in told:
            seen = places[told["switch"]][told["mac"]]
            assert seen == (told["port"], told["description"], told["vlan"]), (address, told)
            other = "sw2" if told["switch"] == "sw1" else "sw1"
            assert places[other].get(told["mac"], (TRUNK,))[0] == TRUNK, address  # only by the trunk
    assert sum(port == TRUNK for port, _, _ in places["sw1"].values()) > 10
    bridge = walk(lab, "sw1", ".1.3.6.1.2.1.17.4.3.1.2")
    assert len(bridge) >= len(read_plan("small").machines)
    neighbours = walk(lab, "sw1", ".1.0.8802.1.1.2.1.4.1.1.9")
    assert list(neighbours.values()) == ["sw2"]
    arp = walk(lab, "router", ".1.3.6.1.2.1.4.22.1.2", form="-Ox")
    known = {index.partition(".")[2]: value.lower().replace(" ", ":") for index, value in arp.items()}
    assert known["10.62.0.14"] == lab.truth["addresses"]["10.62.0.14"]["mac"]
    refused = lab.run(["snmpget", "-v2c", "-c", "wrong", "-t", "0.3", "-r", "0", "10.60.0.2", ".1.3.6.1.2.1.1.5.0"])
    assert refused.returncode != 0


def test_names_leases_and_netbios(lab: Running) -> None:
    leased = {told["machine"]: address for address, told in lab.truth["addresses"].items() if told.get("leased")}
    assert leased.keys() == {"laptop", "pc1", "pc2", "stray"}
    with entered(name_namespace(lab.record.id, "hq")):
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.lifetime = [lab.access["name_server"]], 5
        for name, address in (*leased.items(), ("iis-nimda", "10.62.0.15")):
            assert str(resolver.resolve_address(address)[0]) == f"{name}.corp.example."
            assert str(resolver.resolve(f"{name}.corp.example")[0]) == address
        assert str(resolver.resolve("apache.corp.example", "AAAA")[0]) == "fd61:62::16"
    for address, name in ((leased["laptop"], "LAPTOP"), ("10.62.0.11", "IIS-CLEAN")):
        told = lab.run(["nmblookup", "-A", address]).stdout
        assert re.search(rf"{name} +<20> ", told), told
        assert re.search(r"CORP +<00> - <GROUP>", told), told


def test_linux_hosts_are_worlds_of_their_own(lab: Running) -> None:
    show = "hostname; id -u; cat /etc/machine-id; python3 -c 'print(6 * 7)'; ls -d /proc/[0-9]* | wc -l"
    machines = set()
    for name, told in lab.truth["hosts"].items():
        planted = [finding["path"] for finding in told["findings"]]
        said = lab.run([*lab.ssh(name), f"{show}; ls -d {lab.folder} {ROOT} {' '.join(planted)} 2>/dev/null"])
        host, user, machine, answer, processes, *seen = said.stdout.split()
        assert (host, user, answer) == (name, "0", "42"), said
        assert int(processes) < 15
        assert sorted(seen) == sorted(planted)
        machines.add(machine)
        running_there = lab.run([*lab.ssh(name), "ps -eo args"]).stdout
        assert ("kdevtmpfsi" in running_there) == (told["marker"] == "/tmp/kdevtmpfsi")
    assert len(machines) == 5
    assert sum(told["infected"] for told in lab.truth["hosts"].values()) == 3
    assert lab.run([*lab.ssh("linux-files"), "touch /usr/bin/true"]).returncode != 0  # the machine's own is read-only
    listed = lab.run([*lab.ssh("linux-web1"), "dpkg-query --show --showformat='${Package} '"]).stdout.split()
    assert {"bash", "openssh-server", "python3.11-minimal"} <= set(listed)
    assert len(listed) < 60


def test_a_moved_laptop_is_the_same_elsewhere(lab: Running) -> None:
    def find() -> tuple[str, dict[str, object]]:
        return next((address, told) for address, told in lab.truth["addresses"].items() if told["machine"] == "laptop")

    before, told = find()
    assert lab.move("laptop") != before
    after, there = find()
    assert (there["mac"], there["subnet"], there["switch"]) == (told["mac"], "meeting", "sw2")
    assert find_places(lab, "sw2")[str(told["mac"])] == (there["port"], there["description"], 70)
    assert find_places(lab, "sw1").get(str(told["mac"]), (TRUNK,))[0] == TRUNK
    assert reach(lab, after) == "closed"
    assert re.search(r"LAPTOP +<20> ", lab.run(["nmblookup", "-A", after]).stdout)
    lab.move("laptop")
    assert find()[1]["switch"] == "sw1"
    assert find_places(lab, "sw1")[str(told["mac"])] == (told["port"], told["description"], 10)


def test_papers_can_be_read_back(lab: Running) -> None:
    document = json.loads((lab.folder / "enterprise.yaml").read_text())
    assert {"zones", "owners", "subnets", "scan_points", "hosts"} == document.keys()
    ranges = {one["range"] for one in document["subnets"]}
    assert "10.64.0.0/24" in ranges
    assert "10.66.0.0/24" not in ranges
    assert " 10.66.0." in (lab.folder / "dnsmasq.leases").read_text()
    assert (lab.folder / "hosts.csv").read_text().startswith("name,address,owner,site")
    assert "linux-web1 IN A 10.62.0.41" in (lab.folder / "corp.example.zone").read_text()
    assert main(["status", "--into", str(lab.folder)]) == 0


def test_the_large_one_has_its_two_hundred_servers() -> None:
    plan = read_plan("large")
    shared = [machine for machine in plan.machines if machine.more]
    assert sum(1 + len(machine.more) for machine in shared) == 200
    assert len({machine.mac for machine in plan.machines}) == len(plan.machines)
    assert len({subnet.vlan for subnet in plan.subnets}) == len(plan.subnets) == 12


def test_a_web_server_answers_otherwise_and_a_cured_host_is_infected_again(lab: Running) -> None:
    for personality, state in (("iis5-unmapped", "clean"), ("code-red", "infected")):  # patched, and back
        lab.dress("iis-defaced", personality)
        assert (judge(lab, "10.62.0.13"), judge(lab, "10.62.0.14")) == (state, "infected")
        assert lab.truth["addresses"]["10.62.0.13"]["state"] == state
    planted = [find["path"] for find in lab.truth["hosts"]["linux-web2"]["findings"]]
    assert lab.run([*lab.ssh("linux-web2"), "rm", *planted]).returncode == 0
    lab.infect("linux-web2")
    assert lab.run([*lab.ssh("linux-web2"), "ls", *planted]).returncode == 0
    for wrong in (("linux-web1", "code-red"), ("iis-defaced", "nobody")):
        with pytest.raises(CannotBuild):
            lab.dress(*wrong)
    with pytest.raises(CannotBuild):
        lab.infect("iis-defaced")
