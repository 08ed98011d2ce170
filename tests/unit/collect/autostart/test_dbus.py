"""Services of the system bus."""

from pathlib import Path

from tests.fixtures.autostart_roots import DETACHED, judge, make_root, named, own, write

SERVICE = "[D-BUS Service]\nName=org.x.persistence\nExec=/usr/local/bin/dbus-x.sh\nUser=root\n"
POLICY = """<!DOCTYPE busconfig>
<busconfig>
  <policy context="default">
    <allow own="org.x.persistence"/>
    <allow send_destination="org.x.persistence"/>
  </policy>
</busconfig>
"""


def test_a_service_with_its_script_and_policy_is_found(tmp_path: Path) -> None:
    files = {
        "usr/share/dbus-1/system-services/org.x.persistence.service": SERVICE,
        "usr/local/bin/dbus-x.sh": f"#!/bin/bash\n{DETACHED} & disown\n",
        "etc/dbus-1/system.d/org.x.persistence.conf": POLICY,
    }
    write(make_root(tmp_path), files)
    found = named(judge(tmp_path))
    assert {name: finding.remedy for name, finding in found.items()} == dict.fromkeys(
        (f"/{name}" for name in files), "quarantine_file"
    )


def test_an_administrators_service_and_policy_are_none(tmp_path: Path) -> None:
    own(make_root(tmp_path), "app", {"opt/app/bin/app": "\x7fELF\0"})
    service = "[D-BUS Service]\nName=org.app\nExec=/opt/app/bin/app --bus\nUser=root\n"
    own_it = '<allow own="org.app"/>'
    policy = f'<policy user="root">{own_it}</policy>\n<policy context="default"><!-- {own_it} --></policy></busconfig>'
    write(tmp_path, {"usr/share/dbus-1/system-services/a.service": service, "etc/dbus-1/system.d/a.conf": policy})
    own(
        tmp_path,
        "other",
        {"usr/share/dbus-1/system-services/b.service": SERVICE, "usr/share/dbus-1/system.d/b.conf": POLICY},
    )
    assert judge(tmp_path) == ()


def test_hostile_policies_take_no_time(tmp_path: Path) -> None:
    texts = {
        "a.conf": "<policy " * 100_000,
        "b.conf": "<!--" * 200_000,
        "c.conf": '<policy context="default">' + "<allow " * 30_000,
    }
    write(make_root(tmp_path), {f"etc/dbus-1/system.d/{name}": text for name, text in texts.items()})
    write(tmp_path, {"usr/share/dbus-1/system-services/x.service": "Exec\0=\n=\nUser=root\n[" + "x" * 1_100_000})
    assert judge(tmp_path) == ()
