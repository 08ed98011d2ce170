#!/usr/bin/env python3
"""Make the inert samples that the pages of docs/start work on: python3 scripts/make_samples.py FOLDER

Markers only: texts and bytes that the tool knows a worm by, none of its code, nothing that runs. Needs nothing but
Python 3.11. The same folder each time, but for the day in authorisation.yaml.
"""

import hashlib
import random
import struct
import sys
import time
from pathlib import Path

SECTOR = 512
SECTORS = 1024  # a volume of 512 KiB: FAT12, a sector a cluster
FAT_SECTORS = 3
ROOT_ENTRIES = 112

DEFACED = """<html><head><title>HELLO!</title></head><bady><hr size=5><font color="red"><p align="center">
Welcome to http://www.worm.com !<br><br>Hacked By Chinese!</font></hr></bady></html>
"""
REQUEST = "GET /default.ida?" + "X" * 224 + "%u9090%u6858=a HTTP/1.0\r\n"
COMMAND = b"MZ\x90\0INERT MARKER FILE, NO PROGRAM: stands for the command interpreter\0"
SETTINGS = (
    b"MZ\x90\0INERT MARKER FILE, NO PROGRAM\0SFCDisable\0SYSTEM\\CurrentControlSet\\Services\\W3SVC\\"
    b"Parameters\\Virtual Roots\0c:\\,,217\0d:\\,,217\0"
)
RELEASE = b"ID=debian\nVERSION_ID=12\n"
DPKG_STATUS = (
    b"Package: base-files\nStatus: install ok installed\nArchitecture: amd64\nVersion: 12.4+deb12u12\n"
    b"Maintainer: nobody\nDescription: made up\n\n"
)
CRON_LINE = b"*/5 * * * * root /tmp/kdevtmpfsi >/dev/null 2>&1\n"
MEMORY = (
    b"D:\\inetpub\\scripts\\root.exe\0\\CMD.EXE" + bytes(7) + b"GlobalFindAtomA" + bytes(9) + b"CodeRedII" + bytes(3000)
)
DISK = {
    "WINNT/SYSTEM32/CMD.EXE": COMMAND,
    "WINNT/SYSTEM32/NTOSKRNL.EXE": b"MZ\x90\0INERT MARKER FILE, NO PROGRAM\0",
    "WINNT/SYSTEM32/CONFIG/README.TXT": b"no hives here\r\n",
    "INETPUB/SCRIPTS/ROOT.EXE": COMMAND,
    "INETPUB/WWWROOT/DEFAULT.HTM": b"<html><body>Welcome</body></html>\r\n",
    "EXPLORER.EXE": SETTINGS,
}
INKWELL = (
    b"InkwellWorm:mutex-7731\0",
    b"GET /inkwell/intake.cgi?feed=\0",
    b"/var/tmp/.inkwell-spool\0",
    b"inkwell says hello to the fleet\0",
)
INVENTORY = """owners:
  - {name: Web team, mail: web@example.org}
subnets:
  - {range: 10.9.2.0/24, site: Hamburg}
hosts:
  - {name: plant-hmi, address: 10.9.2.7, mac: '52:54:00:00:00:02', owner: Plant, tags: [never_touch]}
  - {name: laptop7, address: 10.9.2.31, mac: '52:54:00:00:00:03'}
"""
LEASES = "4102444800 52:54:00:00:00:04 10.9.2.44 printer-2 01:52:54:00:00:00:04\n"
AUTHORISATION = """format: codered/authorisation/1
allowed_by: Jane Doe, head of operations
contact: security@example.org
reason: trying the start page, on this machine alone
until: {until}
ranges: [127.0.0.1/32]
ports: [8391]
"""


def make_samples(folder: Path, now: float) -> None:
    """Write all samples below `folder` (made if need be); `now` is seconds since 1970."""
    for name, data in name_samples(now).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def name_samples(now: float) -> dict[str, bytes]:
    """Every sample: its path in the folder, and what is in it."""
    until = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(now + 86400))
    samples = {
        "site/index.html": DEFACED.encode(),
        "host/tmp/kdevtmpfsi": b"\x7fELF" + bytes(12) + b"INERT MARKER",
        "host/etc/cron.d/agent": b"17 4 * * * root /usr/sbin/logrotate /etc/logrotate.conf\n" + CRON_LINE,
        "host/etc/os-release": RELEASE,
        "host/usr/lib/os-release": RELEASE,
        "host/var/lib/dpkg/status": DPKG_STATUS,
        "host/var/lib/dpkg/info/base-files.list": b"/.\n/etc\n/usr\n/usr/lib\n/usr/lib/os-release\n",
        "host/var/lib/dpkg/info/base-files.md5sums": f"{_sum(RELEASE)}  usr/lib/os-release\n".encode(),
        "host/etc/passwd": b"root:x:0:0:root:/root:/bin/bash\n",
        "host/srv/www/index.html": b"<html><body>Nothing wrong here.</body></html>\n",
        "iis.log": make_log(),
        "outbreak.pcap": make_capture(),
        "memory.raw": bytes(8192) + MEMORY.ljust((1 << 20) - 8192, b"\0"),
        "server.img": make_volume(),
        "worm.log": f'203.0.113.9 - - [20/Nov/2026:03:11:07 +0000] "GET /inkwell/intake.cgi?feed={"A" * 8} HTTP/1.1" '
        '404 196 "-" "inkwell/1.0"\n'.encode(),
        "inventory.yaml": INVENTORY.encode(),
        "dhcp.leases": LEASES.encode(),
        "authorisation.yaml": AUTHORISATION.format(until=until).encode(),
    }
    samples |= {f"disk/{path}": data for path, data in DISK.items()}
    for number in range(3):
        samples[f"worm/s{number}.bin"] = make_program(number, INKWELL)
        samples[f"clean/c{number}.bin"] = make_program(100 + number, (b"hello to the fleet\0",))
    return samples


def make_log() -> bytes:
    """A log of IIS in which one address of others and one of ours ask as Code Red II does."""
    asked = (
        ("198.51.100.4", "/index.html", "-", 200),
        ("203.0.113.7", "/default.ida", "X" * 224 + "%u9090%u6858=a", 404),
        ("10.9.2.31", "/default.ida", "X" * 224 + "%u9090%u6858=a", 404),
        ("203.0.113.7", "/scripts/root.exe", "/c+dir", 404),
    )
    log = "#Software: Microsoft Internet Information Services 5.0\n#Fields: date time c-ip cs-method cs-uri-stem "
    log += "cs-uri-query sc-status\n"
    for minute, (address, path, query, status) in enumerate(asked):
        log += f"2026-11-20 03:{minute:02}:07 {address} GET {path} {query} {status}\n"
    return log.encode()


def make_program(seed: int, marks: tuple[bytes, ...]) -> bytes:
    """Random bytes with the marks among them, in another order for each seed."""
    chance = random.Random(seed)  # noqa: S311 - samples, no secrets
    parts = [mark + chance.randbytes(64) for mark in marks]
    chance.shuffle(parts)
    return b"\x7fELF\0inert" + chance.randbytes(500) + b"".join(parts) + chance.randbytes(900)


def make_capture() -> bytes:
    """A pcap of two minutes: one host of ours asks 60 made-up addresses for port 80, and the one that answers is sent
    the first line of a request of Code Red II.
    """
    chance = random.Random(7)  # noqa: S311 - samples, no secrets
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)]
    for number in range(60):
        victim = bytes(chance.choice((198, 203, 192, 81)) if not at else chance.randrange(1, 255) for at in range(4))
        out.append(_frame(number * 2.0, _segment(victim, 1025 + number, 0x02, b"")))
        if number == 59:
            out.append(_frame(118.1, _segment(victim, 1025 + number, 0x12, b"", back=True)))
            out.append(_frame(118.2, _segment(victim, 1025 + number, 0x18, REQUEST.encode())))
    return b"".join(out)


def _sum(data: bytes) -> str:
    """As dpkg writes it; it has no better one."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _segment(victim: bytes, port: int, flags: int, data: bytes, back: bool = False) -> bytes:
    own = bytes((10, 9, 2, 31))
    source, target = (victim, own) if back else (own, victim)
    ports = (80, port) if back else (port, 80)
    head = struct.pack(">HHIIBBHHH", *ports, 1000 + (flags == 0x18), 0, 0x50, flags, 65535, 0, 0)
    return struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(data), 1, 0, 64, 6, 0) + source + target + head + data


def _frame(at: float, packet: bytes) -> bytes:
    data = b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0" + packet
    seconds, part = divmod(round((1795144267 + at) * 10**6), 10**6)
    return struct.pack("<IIII", seconds, part, len(data), len(data)) + data


def make_volume() -> bytes:
    """A FAT12 volume, laid out like drive C of a Windows 2000 server with Code Red II's back door."""
    return Volume().write(DISK)


class Volume:
    """A FAT12 volume that is written front to back; names are 8.3 and in capitals."""

    def __init__(self) -> None:
        self.table = [0xFF8, 0xFFF]
        self.data = bytearray()

    def write(self, files: dict[str, bytes]) -> bytes:
        """The whole volume with these files, path to content."""
        root = self._folder(files, "", 0)
        boot = b"\xeb\x3c\x90CODERED " + struct.pack("<HBHBHHBHHHII", SECTOR, 1, 1, 2, ROOT_ENTRIES, SECTORS, 0xF8,
                                                     FAT_SECTORS, 32, 2, 0, 0)  # fmt: skip
        boot += struct.pack("<BBBI11s8s", 0x80, 0, 0x29, 0x20011119, b"INERT      ", b"FAT12   ")
        boot = boot.ljust(510, b"\0") + b"\x55\xaa"
        packed = bytearray()
        for low, high in zip(self.table[::2], [*self.table[1::2], 0], strict=False):
            packed += struct.pack("<I", low | high << 12)[:3]
        table = bytes(packed).ljust(FAT_SECTORS * SECTOR, b"\0")
        whole = boot + table * 2 + root.ljust(ROOT_ENTRIES * 32, b"\0") + self.data
        return whole.ljust(SECTORS * SECTOR, b"\0")

    def _folder(self, files: dict[str, bytes], above: str, parent: int) -> bytes:
        """The entries of one folder; what lies in it is written on the way."""
        entries = b""
        for name in sorted({path[len(above) :].partition("/")[0] for path in files if path.startswith(above)}):
            path = above + name
            if path in files:
                entries += _entry(name, 0x20, self._keep(files[path]), len(files[path]))
                continue
            first = self._keep(bytes(SECTOR))  # before what lies in it, which says where it is; 14 entries fit in
            inside = self._folder(files, f"{path}/", first)
            dots = _entry(".", 0x10, first, 0) + _entry("..", 0x10, parent, 0)
            self.data[(first - 2) * SECTOR : (first - 1) * SECTOR] = (dots + inside).ljust(SECTOR, b"\0")
            entries += _entry(name, 0x10, first, 0)
        return entries

    def _keep(self, data: bytes) -> int:
        """Write these bytes into the next free clusters, and answer the first one's number."""
        first, count = len(self.table), -(-len(data) // SECTOR)
        self.table += [*range(first + 1, first + count), 0xFFF]
        self.data += data.ljust(count * SECTOR, b"\0")
        return first


def _entry(name: str, attributes: int, first: int, size: int) -> bytes:
    stem, _, ending = name.partition(".") if name.strip(".") else (name, "", "")
    date = (2001 - 1980) << 9 | 8 << 5 | 5
    return (stem.ljust(8) + ending.ljust(3)).encode() + struct.pack(
        "<BBBHHHHHHHI", attributes, 0, 0, 0, date, date, 0, 0, date, first, size
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python3 scripts/make_samples.py FOLDER")
    make_samples(Path(sys.argv[1]), time.time())
    print(f"inert samples in {sys.argv[1]}: " + " ".join(sorted({name.partition("/")[0] for name in name_samples(0)})))
