import subprocess
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codered.collect.package_list import list_packages, list_packages_with_gaps
from codered.model.known_good import PackageRecord
from codered.targets import open_target
from codered.targets.live_linux import LiveLinux
from codered.targets.offline_root import OfflineRoot
from tests.fixtures.autostart_roots import make_root, write
from tests.fixtures.package_roots import build_rpm, install_rpm


def test_the_packages_of_this_host_are_those_that_dpkg_names() -> None:
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package} ${Version} ${Architecture}\n"]
    lines = subprocess.run(query, capture_output=True, text=True, check=True).stdout.splitlines()
    theirs = {tuple(line.split(" ")[1:]) for line in lines if line.startswith("installed ")}
    ours = {
        (item.name, item.version, item.architecture) for item in list_packages(LiveLinux()) if item.manager == "dpkg"
    }
    assert ours == theirs


def test_what_is_removed_is_not_listed(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(root, {"var/lib/dpkg/status": (
        "Package: a\nStatus: install ok installed\nVersion: 1:2-3\nArchitecture: amd64\n\n"
        "Package: b\nStatus: deinstall ok config-files\nVersion: 1\n\n"
        "Package: c\nStatus: hold ok half-configured\nVersion: 3\n"
    )})  # fmt: skip
    found = list_packages(open_target(str(root)))
    assert found == (PackageRecord("dpkg", "a", "1:2-3", "amd64"), PackageRecord("dpkg", "c", "3"))


def test_the_packages_of_rpm(tmp_path: Path) -> None:
    root = tmp_path / "root"
    install_rpm(root, build_rpm(tmp_path))
    found, gaps = list_packages_with_gaps(OfflineRoot(str(root)))
    assert found == (PackageRecord("rpm", "tiny", "1.2-3", "noarch"),)
    assert gaps == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.binary(max_size=400))
def test_no_status_brings_it_down(tmp_path: Path, status: bytes) -> None:
    (tmp_path / "etc").mkdir(exist_ok=True)
    (tmp_path / "usr").mkdir(exist_ok=True)
    (tmp_path / "var/lib/dpkg").mkdir(parents=True, exist_ok=True)
    (tmp_path / "var/lib/dpkg/status").write_bytes(b"Package: a\nStatus: install ok installed\nVersion: 1\n\n" + status)
    assert PackageRecord("dpkg", "a", "1") in list_packages(open_target(str(tmp_path)))
