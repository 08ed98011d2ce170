"""PAM: lines and modules."""

from pathlib import Path

import pytest

from tests.fixtures.autostart_roots import DETACHED, judge, make_root, named, own, write

CLEAN = """auth	[success=1 default=ignore]	pam_unix.so nullok
auth	requisite			pam_deny.so
auth	required			pam_permit.so
auth	optional			pam_cap.so
@include common-account
session [success=ok default=ignore] pam_systemd.so
-session optional pam_gnome_keyring.so auto_start
"""
MODULES = {
    f"usr/lib/x86_64-linux-gnu/security/pam_{name}.so": f"\x7fELF\0{name}"
    for name in ("unix", "deny", "permit", "exec")
}


def make(folder: Path) -> Path:
    own(make_root(folder), "libpam-modules", MODULES)
    write(folder, {"etc/pam.d/common-auth": CLEAN})
    return folder


def test_a_clean_system_gives_nothing(tmp_path: Path) -> None:
    own(make(tmp_path), "su", {"etc/pam.d/su": "auth sufficient pam_rootok.so\n"}, ("etc/pam.d/su",))
    assert judge(tmp_path) == ()


def test_a_program_that_gets_the_password(tmp_path: Path) -> None:
    line = "auth optional pam_exec.so quiet expose_authtok /var/log/spy.sh\n"
    write(
        make(tmp_path),
        {"etc/pam.d/common-auth": CLEAN + line, "var/log/spy.sh": "#!/bin/sh\ncat - >> /var/log/x.log\n"},
    )
    found = named(judge(tmp_path))["/etc/pam.d/common-auth:8"]
    assert (found.remedy, found.confidence, found.attack[0]) == ("remove_line", "likely", "T1556.003")


def test_a_reverse_shell_at_login(tmp_path: Path) -> None:
    line = "session    optional     pam_exec.so seteuid /bin/pam_exec_backdoor.sh\n"
    files = {"etc/pam.d/sshd": line, "bin/pam_exec_backdoor.sh": f"#!/bin/bash\n{DETACHED} &\n"}
    write(make(tmp_path), files)
    found = named(judge(tmp_path))
    assert found["/etc/pam.d/sshd:1"].remedy == "remove_line"
    assert found["/bin/pam_exec_backdoor.sh"].remedy == "quarantine_file"
    assert found["/bin/pam_exec_backdoor.sh"].confidence == "likely"


def test_a_module_that_was_replaced_or_added(tmp_path: Path) -> None:
    folder = "usr/lib/x86_64-linux-gnu/security/"
    write(make(tmp_path), {folder + "pam_unix.so": "\x7fELF\0with a password", folder + "pam_x.so": "\x7fELF\0x"})
    found = named(judge(tmp_path))
    assert (found["/" + folder + "pam_unix.so"].remedy, found["/" + folder + "pam_unix.so"].confidence) == (
        "restore_file",
        "likely",
    )
    assert found["/" + folder + "pam_x.so"].remedy == "quarantine_file"
    assert len(found) == 2


@pytest.mark.parametrize(
    "line",
    [
        "auth sufficient pam_permit.so",
        "auth required /tmp/.pam.so",
        "su auth sufficient pam_permit.so",
        "auth [success=done] /usr/lib/odd/pam_x.so",
    ],
)
def test_lines_that_let_somebody_in(tmp_path: Path, line: str) -> None:
    write(make(tmp_path), {"etc/pam.d/x": f"{line}\n", "tmp/.pam.so": "\0", "usr/lib/odd/pam_x.so": "\0"})
    assert named(judge(tmp_path))["/etc/pam.d/x:1"].remedy == "remove_line"


def test_an_administrators_own_program_is_none(tmp_path: Path) -> None:
    own(make(tmp_path), "notify", {"usr/bin/notify": "#!/bin/sh\ntrue\n"})
    write(tmp_path, {"etc/pam.d/x": "session optional pam_exec.so /usr/bin/notify\nauth required pam_elsewhere.so\n"})
    assert judge(tmp_path) == ()


def test_garbage_is_no_line(tmp_path: Path) -> None:
    text = "[[[]\nauth\nauth [\nauth ] x\n\0\0\n" + "auth " * 300_000
    write(make(tmp_path), {"etc/pam.d/x": text, "etc/pam.conf": "\x80\xff [ auth"})
    assert judge(tmp_path) == ()
