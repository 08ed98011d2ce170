import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codered.collect import host_facts
from codered.collect.host_facts import collect_host_facts
from codered.model.target import Target, TargetInfo
from codered.targets import open_target

FILES = {
    "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
    "etc/os-release": 'NAME="x"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    "etc/hosts": "127.0.0.1 localhost\n192.0.2.7 web-1.Example.org web-1 # web-1.wrong.org\n",
    "sys/class/dmi/id/product_serial": "SN-42\x1b[2J\n",
    "sys/class/dmi/id/product_name": "ProLiant\n",
    "proc/sys/kernel/random/boot_id": "11111111-2222-3333-4444-555555555555\n",
    "sys/class/net/eth0/address": "02:00:00:00:00:01\n",
    "sys/class/net/lo/address": "00:00:00:00:00:00\n",
    "sys/class/net/tun0/address": "\n",
    "proc/net/route": "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
    "eth0 00000000 010200C0 0003 0 0 0 00000000 0 0 0\neth0 0000000A 00000000 0001 0 0 0 000000FF 0 0 0\nbad\n",
    "proc/net/ipv6_route": f"fd61{'0' * 28} 40 {'0' * 32} 00 fe8{'0' * 28}1 0 0 0 0 eth0\n"
    f"{'0' * 31}1 80 {'0' * 32} 00 {'0' * 32} 0 0 0 0 lo\nzz\n",
    "proc/net/arp": "IP address HW type Flags HW address Mask Device\n"
    "192.0.2.1 0x1 0x2 02:FC:00:00:00:05 * eth0\n192.0.2.9 0x1 0x0 00:00:00:00:00:00 * eth0\n",
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(socket, "gethostname", lambda: "web-1")
    monkeypatch.setattr(host_facts, "list_addresses", lambda: {"eth0": ("192.0.2.7/24",)})
    return tmp_path


def test_a_host_says_who_it_is(root: Path) -> None:
    facts = collect_host_facts(open_target(), root)
    assert (facts.name, facts.domain_name) == ("web-1", "web-1.example.org")
    assert facts.machine_id == "0123456789abcdef0123456789abcdef"
    assert (facts.serial, facts.product) == ("SN-42[2J", "ProLiant")
    assert facts.system == "Debian GNU/Linux 12 (bookworm)"
    assert facts.boot_id.startswith("11111111-")
    assert facts.kernel == os.uname().release
    assert facts.clock is not None
    assert abs(facts.clock - datetime.now(UTC)) < timedelta(hours=1)
    assert [(card.name, card.mac, card.addresses) for card in facts.cards] == [
        ("eth0", "02:00:00:00:00:01", ("192.0.2.7/24",)),
        ("tun0", "", ()),
    ]
    assert facts.routes == ("0.0.0.0/0 via 192.0.2.1 eth0", "10.0.0.0/8 eth0", "fd61::/64 via fe80::1 eth0")
    assert facts.neighbours == ("192.0.2.1 02:fc:00:00:00:05",)
    assert "root" in facts.admins
    assert facts.unread == ()


def test_what_can_not_be_read_is_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "etc/machine-id").unlink()
    (root / "proc/net/arp").unlink()
    (root / "proc/net/arp").mkdir()
    (root / "sys/class/dmi/id/product_serial").unlink()
    (root / "etc/os-release").write_bytes(b"\xff\xfe" * 10)

    def fail() -> dict[str, tuple[str, ...]]:
        raise OSError("no netlink here")

    monkeypatch.setattr(host_facts, "list_addresses", fail)
    facts = collect_host_facts(open_target(), root)
    assert (facts.machine_id, facts.serial, facts.system, facts.neighbours, facts.cards) == ("", "", "", (), ())
    assert facts.unread == (
        "/etc/machine-id: is not there",
        "network interfaces: no netlink here",
        "/proc/net/arp: Is a directory",
    )


def test_accounts_of_another_system_are_not_guessed(root: Path) -> None:
    class Windows:
        info = TargetInfo(kind="live_windows", root="C:\\", system="windows")

    target: Target = Windows()  # type: ignore[assignment]
    facts = collect_host_facts(target, root)
    assert (facts.admins, facts.unread) == ((), ("accounts: are read on Linux only",))


def test_the_name_of_a_domain_is_taken_from_the_name_itself(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "Web-1.Example.ORG")
    assert collect_host_facts(open_target(), root).domain_name == "web-1.example.org"
    (root / "etc/hosts").write_text("127.0.1.1 other\n")
    monkeypatch.setattr(socket, "gethostname", lambda: "web-1")
    assert collect_host_facts(open_target(), root).domain_name == ""
