"""A real web server, PHP and WordPress from Debian: what was changed is known, and comes back from the packages."""

import hashlib
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.agreeing_packages import accept_packages
from tests.fixtures.machines import Machine, running_machine
from tests.fixtures.real_packages import download_package

PHP = "/usr/share/wordpress/wp-includes/load.php"
MODULE = "/etc/apache2/mods-available/status.conf"
ADDED = "/var/www/html/stats.php"
CRONTAB = "/etc/crontab"
PAGE = b"<?php echo 'inert-', 'marker'; ?>\n"
PLACES = tuple(f"--place={place}" for place in ("/etc", "/usr/share/wordpress", "/usr/sbin", "/var/www"))
CRON = "17 * * * * root /usr/bin/true --inert-marker\n"


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages that the machine's own files came from, for a machine without a network."""
    folder = tmp_path_factory.mktemp("packages")
    for name in ("wordpress", "apache2"):
        download_package(name, folder)
    return folder


@pytest.fixture(scope="module")
def machine(packages: Path, compiled_rules: Path) -> Iterator[Machine]:
    with running_machine(compiled_rules, shown="/usr/share/wordpress") as made:
        for package in sorted(packages.iterdir()):
            (made.root / "run" / package.name).write_bytes(package.read_bytes())
            # Only if another version had to be fetched does this change anything.
            made.run("dpkg", "--force-depends", "--skip-same-version", "-i", f"/run/{package.name}")
        accept_packages(made)
        made.write("/etc/apache2/conf-enabled/blog.conf", "ServerName localhost\nAlias /blog /usr/share/wordpress\n")
        for folder in ("/var/log/apache2", "/run/apache2", "/run/lock"):
            made.run("mkdir", "-p", folder)
        assert made.run("apache2ctl", "start").returncode == 0
        yield made


def fetch(machine: Machine, path: str) -> str:
    """The status with which the machine's own web server answers, and the page."""
    script = f"exec 3<>/dev/tcp/127.0.0.1/80; printf 'GET {path} HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3"
    for _ in range(50):
        answer = machine.run("bash", "-c", script)
        if answer.returncode == 0:
            return answer.stdout
        time.sleep(0.1)
    raise AssertionError(f"no answer for {path}: {answer.stderr}")


def read_report(answer: "subprocess.CompletedProcess[str]", code: int) -> dict[str, Any]:
    assert answer.returncode == code, answer.stdout[-3000:] + answer.stderr[-3000:]
    report: dict[str, Any] = json.loads(answer.stdout)
    return report


def name_subjects(report: dict[str, Any]) -> set[tuple[str, str, int | None]]:
    return {(f["indicator"], f["subject"]["path"], f["subject"].get("line")) for f in report["findings"]}


def digest(machine: Machine, path: str) -> str:
    return hashlib.sha256((machine.root / path.lstrip("/")).read_bytes()).hexdigest()


def packaged_digest(package: Path, path: str) -> str:
    """What the real package holds for this path."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE) as unpacking:
        content = subprocess.run(
            ["tar", "-xO", "-f", "-", f".{path}"], stdin=unpacking.stdout, capture_output=True, check=True
        ).stdout
    return hashlib.sha256(content).hexdigest()


def test_changed_known_restored_and_verified(machine: Machine, packages: Path) -> None:
    made = machine.codered("baseline", "create", "-o", "/run/good.baseline", "--with-state", *PLACES)
    assert made.returncode == 0, made.stdout + made.stderr
    assert read_report(machine.codered("baseline", "compare", "/run/good.baseline", "--json"), 0)["verdict"] == "clean"
    lines = (machine.root / "etc/crontab").read_text().count("\n")
    before = {path: digest(machine, path) for path in (PHP, MODULE, CRONTAB)}

    machine.append(PHP, "/* inert-marker */\n")
    machine.append(MODULE, "# inert-marker\n")
    machine.append(CRONTAB, CRON)
    (machine.root / ADDED.lstrip("/")).write_bytes(PAGE)
    assert "inert-marker" in fetch(machine, "/stats.php")

    planted = {
        ("content", PHP, None),
        ("content", MODULE, None),
        ("new-web-file", ADDED, None),
        ("new-autostart", CRONTAB, lines + 1),
    }
    compared = read_report(machine.codered("baseline", "compare", "/run/good.baseline", "--json"), 1)
    assert name_subjects(compared) == planted
    scanned = read_report(machine.codered("scan", "--baseline", "/run/good.baseline", "--json"), 1)
    assert name_subjects(scanned) == planted

    answer = machine.codered(
        "respond", "--yes", "--baseline", "/run/good.baseline", "--packages", "/run", "-o", "/run/response.html"
    )
    assert answer.returncode == 0, answer.stdout[-5000:] + answer.stderr[-3000:]
    assert {path: digest(machine, path) for path in before} == before
    assert before[PHP] == packaged_digest(next(packages.glob("wordpress_*")), PHP)
    assert before[MODULE] == packaged_digest(next(packages.glob("apache2_*")), MODULE)
    assert "404" in fetch(machine, "/stats.php").splitlines()[0]
    assert read_report(machine.codered("baseline", "compare", "/run/good.baseline", "--json"), 0)["verdict"] == "clean"
    assert read_report(machine.codered("scan", "--baseline", "/run/good.baseline", "--json"), 0)["verdict"] == "clean"


def test_without_a_baseline_the_package_is_the_source(machine: Machine, packages: Path) -> None:
    machine.append(PHP, "/* inert-marker, once more */\n")
    scanned = read_report(machine.codered("scan", "--json", "-o", "/run/report.json"), 1)
    assert name_subjects(scanned) == {("content", PHP, None)}
    answer = machine.codered("respond", "--yes", "--packages", "/run", "--json")
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
    told = {step["name"]: " ".join(step["told"]) for step in json.loads(answer.stdout)["steps"]}
    assert "package wordpress" in told["restore"]
    assert digest(machine, PHP) == packaged_digest(next(packages.glob("wordpress_*")), PHP)
