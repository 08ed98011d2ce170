import socket
from pathlib import Path

from codered.model.paths import FilePath
from codered.scan.system_state import collect_state, rel_of
from codered.targets import open_target


def test_packages_accounts_autostart_and_listeners_of_this_host() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.bind(("127.0.0.1", 0))
            system = collect_state(open_target()).system
            client_port = client.getsockname()[1]
    assert "dpkg" in {package.name for package in system.packages}
    assert "root" in {record.name for record, _ in system.accounts}
    assert system.autostart
    assert system.has_listeners
    mine = {item for item in system.listeners if item.port == port}
    assert {(item.protocol, item.address) for item in mine} == {("tcp", "127.0.0.1")}
    assert client_port < 32768 or not [item for item in system.listeners if item.port == client_port]


def test_a_root_that_is_not_running_has_no_listeners(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "usr").mkdir()
    (tmp_path / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n")
    target = open_target(str(tmp_path))
    system = collect_state(target).system
    assert (system.has_listeners, system.listeners) == (False, ())
    ((record, _),) = system.accounts
    assert (record.name, record.uid) == ("root", 0)
    assert rel_of(target, FilePath(f"{tmp_path}/etc/passwd")) == b"etc/passwd"
    assert rel_of(open_target(), FilePath("/etc/passwd")) == b"etc/passwd"
