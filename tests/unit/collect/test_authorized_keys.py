"""Keys that open accounts."""

import base64
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect import authorized_keys
from codered.collect.accounts import collect_accounts
from codered.collect.authorized_keys import parse_key
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, write

BLOB = base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes(range(32))).decode()
KEY = f"ssh-ed25519 {BLOB} ann@laptop"


@pytest.mark.parametrize(
    ("line", "options", "comment"),
    [
        (KEY, "", "ann@laptop"),
        (f"ssh-ed25519 {BLOB}", "", ""),
        (f'command="/bin/x \\"a b\\"",no-pty {KEY}', 'command="/bin/x \\"a b\\"",no-pty', "ann@laptop"),
        (f"restrict\t{KEY} x", "restrict", "ann@laptop x"),
    ],
)
def test_lines(line: str, options: str, comment: str) -> None:
    parsed = parse_key(line.encode())
    assert (parsed.type, parsed.options, parsed.comment) == ("ssh-ed25519", options, comment)
    assert parsed.fingerprint.startswith("SHA256:")


def test_the_fingerprint_is_that_of_openssh(tmp_path: Path) -> None:
    file = tmp_path / "k.pub"
    file.write_text(KEY + "\n")
    try:
        printed = subprocess.run(
            ["ssh-keygen", "-lf", file], capture_output=True, text=True, timeout=20, check=True
        ).stdout
    except FileNotFoundError:
        pytest.skip("no ssh-keygen here")
    assert parse_key(KEY.encode()).fingerprint == printed.split()[1]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ssh-rsa",
        "ssh-rsa !!!!",
        "ssh-rsa AAAA",
        "x y z",
        'command="',
        f"ssh-rsa {base64.b64encode(b'junk' * 9).decode()}",
    ],
)
def test_what_is_no_key(line: str) -> None:
    assert parse_key(line.encode()).fingerprint == ""


@given(st.binary(max_size=300))
def test_any_bytes_are_parsed(line: bytes) -> None:
    parse_key(line)
    parse_key(b"ssh-rsa " + base64.b64encode(line))


def test_all_files_that_sshd_reads(tmp_path: Path) -> None:
    passwd = "root:x:0:0::/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/bash\n"
    passwd += "news:x:9:9::/var/spool/news:/usr/sbin/nologin\n"
    files = {
        "etc/ssh/sshd_config": "AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys/%u %h/.k none\n",
        "root/.ssh/authorized_keys": f"# mine\n\n{KEY}\n",
        "home/ann/.ssh/authorized_keys2": KEY,
        "home/ann/.k": KEY,
        "etc/ssh/keys/ann": f'environment="LD_PRELOAD=/x.so" {KEY}\ngarbage\n',
        "var/spool/news/.ssh/authorized_keys": f'command="/bin/x" {KEY}\n',
        "home/gone/.ssh/authorized_keys": KEY,
    }
    write(make_root(tmp_path), {**files, "etc/passwd": passwd}, 0o600)
    (tmp_path / "home/ann/.ssh/authorized_keys").symlink_to("authorized_keys2")
    found = {(key.account, key.shown, key.line): key for key in collect_accounts(open_target(str(tmp_path))).keys}
    assert set(found) == {
        ("root", "/root/.ssh/authorized_keys", 3),
        ("ann", "/home/ann/.ssh/authorized_keys2", 1),
        ("ann", "/home/ann/.k", 1),
        ("ann", "/etc/ssh/keys/ann", 1),
        ("ann", "/etc/ssh/keys/ann", 2),
        ("news", "/var/spool/news/.ssh/authorized_keys", 1),
        ("gone", "/home/gone/.ssh/authorized_keys", 1),
    }
    assert found["ann", "/home/ann/.k", 1].facts == {"unusual-place"}
    assert found["ann", "/etc/ssh/keys/ann", 1].facts == {"sets-loader", "unusual-place"}
    assert "does-not-parse" in found["ann", "/etc/ssh/keys/ann", 2].facts
    assert found["news", "/var/spool/news/.ssh/authorized_keys", 1].facts == {"runs-command"}
    assert found["root", "/root/.ssh/authorized_keys", 3].text == KEY.encode()


def test_a_key_pair_made_here(tmp_path: Path) -> None:
    files = {
        "root/.ssh/id_rsa1822": "PRIVATE",
        "root/.ssh/id_rsa1822.pub": KEY,
        "root/.ssh/authorized_keys": KEY + "\n",
    }
    write(make_root(tmp_path), files, 0o600)
    (key,) = collect_accounts(open_target(str(tmp_path))).keys
    assert key.facts == {"private-key-beside"}
    assert key.pair_changed is not None
    assert key.pair_changed.timestamp() == pytest.approx((tmp_path / "root/.ssh/id_rsa1822.pub").stat().st_ctime)


def test_hostile_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\0\xff\n" + 'a"' * 600_000 + "\n" + f"{KEY}\n" * 9
    write(make_root(tmp_path), {"root/.ssh/authorized_keys": text, "home/ann/.ssh/authorized_keys": KEY})
    monkeypatch.setattr(authorized_keys, "MOST_KEYS", 3)
    (tmp_path / "home/ann/.ssh/authorized_keys").unlink()
    (tmp_path / "home/ann/.ssh/authorized_keys").symlink_to("../../../../../../../etc/passwd")
    seen = collect_accounts(open_target(str(tmp_path)))
    assert len(seen.keys) == 3
    assert any("keys" in item.why for item in seen.unread)
