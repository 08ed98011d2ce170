from pathlib import Path

from tests.fixtures.autostart_roots import collect, make_root, write


def test_scripts_of_dispatchers_and_commands_of_interfaces(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    scripts = [
        "etc/NetworkManager/dispatcher.d/a", "etc/NetworkManager/dispatcher.d/pre-up.d/b", "etc/network/if-up.d/c",
               "etc/networkd-dispatcher/routable.d/d", "etc/dhcp/dhclient-exit-hooks.d/e", "etc/ppp/ip-up",
    ]  # fmt: skip
    write(root, dict.fromkeys(scripts, "#!/bin/sh\n"))
    write(root, {"etc/network/interfaces": "auto e0\niface e0 inet dhcp\n  post-up /opt/x -a\n  # up /no\n"})
    found = [(e.system_path(), e.line, e.command) for e in collect(root).entries if e.kind == "network_dispatcher"]
    assert found == [*((f"/{name}", 0, "") for name in scripts), ("/etc/network/interfaces", 3, "/opt/x -a")]
