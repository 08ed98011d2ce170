"""Who becomes root without a password."""

from pathlib import Path

import pytest

from codered.collect.autostart import sudoers
from tests.fixtures.autostart_roots import judge, make_root, named, own, write

CLEAN = """Defaults	env_reset
Defaults	mail_badpass
Defaults	secure_path="/usr/sbin:/usr/bin"
root	ALL=(ALL:ALL) ALL
%sudo	ALL=(ALL:ALL) ALL
@includedir /etc/sudoers.d
"""


def make(folder: Path) -> Path:
    make_root(folder)
    write(folder, {"etc/sudoers": CLEAN})
    return folder


@pytest.mark.parametrize(
    ("line", "confidence"),
    [
        ("ann ALL=(ALL) NOPASSWD:ALL", "suspicious"),
        ("ALL ALL=(ALL:ALL) NOPASSWD: ALL", "likely"),
        ("www-data ALL=(ALL) NOPASSWD: ALL", "likely"),
        ('Defaults env_keep += "LD_PRELOAD"', "likely"),
        ("Defaults !authenticate", "suspicious"),
        ("lowpriv ALL=(ALL) NOPASSWD: /usr/bin/nsenter", "suspicious"),
        ("lowpriv ALL=(ALL) NOPASSWD: /usr/bin/systemctl", "suspicious"),
        ("lowpriv ALL=(ALL) NOPASSWD: /usr/bin/id, /usr/bin/systemctl restart *", "suspicious"),
        ("lowpriv ALL=(ALL) NOPASSWD: /usr/bin/systemctl edit app", "suspicious"),
        ("ann ALL=(ALL) NOPASSWD: SETENV: ALL", "suspicious"),
    ],
)
def test_new_rules_are_found(tmp_path: Path, line: str, confidence: str) -> None:
    make(tmp_path)
    passwd = "root:x:0:0::/root:/bin/bash\nwww-data:x:33:33::/var/www:/usr/sbin/nologin\n"
    write(tmp_path, {"etc/passwd": passwd, "etc/sudoers.d/x": f"# x\n{line}\n"}, 0o440)
    found = named(judge(tmp_path))["/etc/sudoers.d/x:2"]
    assert (found.remedy, found.confidence) == ("remove_line", confidence)


def test_usual_rules_are_none(tmp_path: Path) -> None:
    make(tmp_path)
    own(tmp_path, "tool", {"etc/sudoers.d/tool": "tool ALL=(ALL) NOPASSWD: ALL\n"}, ("etc/sudoers.d/tool",))
    files = {
        "etc/sudoers.d/ann": "ann ALL=(ALL) ALL\n%wheel ALL=(ALL) ALL\n",
        "etc/sudoers.d/deploy": "deploy ALL=NOPASSWD: /usr/local/bin/restart-app\n",
        "etc/sudoers.d/units": "deploy ALL=NOPASSWD: /usr/bin/systemctl restart app, /bin/systemctl reload nginx\n",
        "etc/sudoers.d/README.txt": "ALL ALL=(ALL) NOPASSWD: ALL\n",
        "etc/sudoers.d/old~": "ALL ALL=(ALL) NOPASSWD: ALL\n",
    }
    write(tmp_path, files, 0o440)
    assert judge(tmp_path) == ()


def test_what_came_with_the_installation_is_none(tmp_path: Path) -> None:
    write(
        make(tmp_path),
        {"etc/sudoers.d/90-cloud-init-users": "ubuntu ALL=(ALL) NOPASSWD:ALL\n", "etc/machine-id": "0\n"},
    )
    assert judge(tmp_path) == ()


def test_a_rule_over_two_lines_takes_its_file(tmp_path: Path) -> None:
    write(make(tmp_path), {"etc/sudoers.d/x": "ALL ALL=(ALL) \\\n  NOPASSWD: ALL\n"})
    found = named(judge(tmp_path))["/etc/sudoers.d/x"]
    assert found.remedy == "quarantine_file"


def test_garbage_is_no_rule(tmp_path: Path) -> None:
    write(make(tmp_path), {"etc/sudoers.d/x": "\0\x80 NOPASSWD\n" + "NOPASSWD:" * 200_000 + "\nDefaults\n,,,\n"})
    assert judge(tmp_path) == ()


def test_a_long_chain_of_tags_is_looked_at_once() -> None:
    assert not sudoers._lets_all_pass("NOPASSWD:" * 100_000)
    assert not sudoers._lets_all_pass("A" * 1_000_000 + " " * 1_000_000)
    for text in ("NOPASSWD: ALL", "ann ALL=(ALL) NOPASSWD : SETENV:ALL", "SETENV:NOPASSWD:LOG_INPUT: ALL"):
        assert sudoers._lets_all_pass(text), text
    for text in ("ann ALL=(ALL) ALL", "NOPASSWD: ALLOWED", "NOPASSWD: /bin/x, ALL", "PASSWD: ALL"):
        assert not sudoers._lets_all_pass(text), text
