"""Linux hosts with a real ssh server, each a world of its own: its root holds a small Debian (lab.distribution)
and nothing else of this machine. What is planted is inert. Their keys and the client's are made for this laboratory.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

from lab.distribution import read_contents
from lab.namespaces import run_words
from lab.plan import Enterprise, Machine

PLANTED = Path(__file__).with_name("planted.json")
_STARTING = Path(__file__).with_name("linux_host.sh")
_LINKS = {"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "lib64": "usr/lib64"}
_FOLDERS = (
    "usr/bin", "usr/sbin", "usr/local/bin", "usr/share", "proc", "sys", "dev", "run/sshd", "tmp", "mnt", "opt", "srv",
    "home", "root/.ssh", "etc/ssh", "etc/ld.so.conf.d", "etc/cron.d", "etc/systemd/system", "var/lib/dpkg", "var/log",
    "var/spool/cron/crontabs", "var/tmp", "var/www/html",
)  # fmt: skip
_USERS = """\
root:x:0:0:root:/root:/bin/bash
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
sshd:x:100:65534::/run/sshd:/usr/sbin/nologin
tomcat:x:998:998::/opt/tomcat:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
"""
_GROUPS = "root:x:0:\ntty:x:5:\nwww-data:x:33:\nshadow:x:42:\ntomcat:x:998:\nnogroup:x:65534:\n"
_SERVER = """\
ListenAddress 0.0.0.0
HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication no
PermitRootLogin prohibit-password
UsePAM no
UseDNS no
PidFile none
MaxStartups 100
MaxSessions 100
Subsystem sftp internal-sftp
"""


def read_planted() -> dict[str, dict[str, Any]]:
    """What is planted on each kind of host, and what a scan must find there."""
    planted: dict[str, dict[str, Any]] = json.loads(PLANTED.read_text("utf-8"))
    return planted


def make_keys(folder: Path, enterprise: Enterprise) -> None:
    """The client's key, a key for each host, and known_hosts, in `folder`/keys."""
    keys = folder / "keys"
    keys.mkdir(mode=0o700)
    hosts = [machine for machine in enterprise.machines if machine.linux]
    for name in ("id_ed25519", "router", *(machine.name for machine in hosts)):
        run_words(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"{name} (lab)", "-f", str(keys / name)])
    router = enterprise.subnet("management").router()
    lines = [f"{router},router {' '.join((keys / 'router.pub').read_text().split()[:2])}\n"]
    for machine in hosts:
        kind, key = (keys / f"{machine.name}.pub").read_text().split()[:2]
        lines.append(f"{machine.address},{machine.name},{machine.name}.{enterprise.domain} {kind} {key}\n")
    (keys / "known_hosts").write_text("".join(lines))


def make_root(folder: Path, machine: Machine, name_server: str) -> None:
    """The host's own files: `folder`/hosts/NAME is its root."""
    root = folder / "hosts" / machine.name
    for name in (*_FOLDERS, *read_contents()["folders"]):
        (root / name).mkdir(parents=True, exist_ok=True)
    for name, target in _LINKS.items():
        (root / name).symlink_to(target)
    for name in ("tmp", "var/tmp"):
        (root / name).chmod(0o1777)
    (root / "root").chmod(0o700)
    keys = folder / "keys"
    write(root, "etc/passwd", _USERS)
    write(root, "etc/group", _GROUPS)
    write(
        root,
        "etc/shadow",
        "".join(f"{line.split(':')[0]}:*:19000:0:99999:7:::\n" for line in _USERS.splitlines()),
        0o640,
    )
    write(root, "etc/hostname", f"{machine.name}\n")
    write(root, "etc/hosts", f"127.0.0.1 localhost\n{machine.address} {machine.name}\n")
    write(root, "etc/resolv.conf", f"nameserver {name_server}\n")
    write(root, "etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n")
    write(root, "etc/machine-id", f"{int(machine.mac.replace(':', ''), 16):032x}\n")
    write(root, "etc/ssh/sshd_config", _SERVER)
    write(root, "etc/ssh/ssh_host_ed25519_key", (keys / machine.name).read_text(), 0o600)
    write(root, "root/.ssh/authorized_keys", (keys / "id_ed25519.pub").read_text(), 0o600)
    shutil.copy("/etc/os-release", root / "etc/os-release")
    shutil.copy("/etc/ld.so.cache", root / "etc/ld.so.cache")
    plant(root, machine.linux)


def plant(root: Path, kind: str) -> None:
    """Lay the files of this kind of host below its root: inert ones."""
    for item in read_planted()[kind]["files"]:
        content = bytes.fromhex(item["hex"]) if "hex" in item else item["text"].encode()
        write(root, item["path"], content, item.get("mode", 0o644), item.get("user", 0))


def write(root: Path, name: str, content: str | bytes, mode: int = 0o644, user: int = 0) -> None:
    """A file below a host's root, with its folders. It takes the place of what lies there: a clean-up may have left a
    link (a mask to /dev/null), which leads out of the root.
    """
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)
    os.chown(path, user, user)


def give_start(folder: Path, machine: Machine, salt: str) -> list[str]:
    """The command line that starts the host; to be run in the host's network namespace."""
    marker = read_planted()[machine.linux]["marker"]
    space = ["unshare", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "/bin/sh", str(_STARTING)]
    own = [str(folder / "hosts" / machine.name), machine.name, salt, marker, str(folder / "packages")]
    return [*space, *own, *read_contents()["folders"]]
