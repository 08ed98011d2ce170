"""What runs on this machine is no finding; a shell below a real web server is."""

import contextlib
import os
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from codered.collect.processes import collect_processes
from codered.detect.processes import ProcessJudgement, judge_processes
from codered.model.allow_list import AllowList
from codered.model.paths import FilePath
from codered.model.process import ProcessesSeen, ProcessId
from tests.fixtures.running import (
    copy_program,
    descendants,
    only,
    own_by_system,
    process_rules,
    running,
    wait_until,
)

PACKAGE_LISTS = Path("/var/lib/dpkg/info")
MODULES = Path("/usr/lib/apache2/modules")
CONFIG = """ServerRoot {root}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {root}/pid
ErrorLog {root}/error.log
DocumentRoot {root}/web
User www-data
Group www-data
LoadModule mpm_prefork_module {modules}/mod_mpm_prefork.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule mime_module {modules}/mod_mime.so
LoadModule php_module {php}
TypesConfig /etc/mime.types
AddHandler application/x-httpd-php .php
StartServers 2
MaxRequestWorkers 4
<Directory {root}/web>
Require all granted
</Directory>
"""


def read_owned() -> frozenset[str]:
    lists = (path.read_text(errors="replace").split("\n") for path in PACKAGE_LISTS.glob("*.list"))
    return frozenset(name for names in lists for name in names)


def judge(seen: ProcessesSeen, own: frozenset[ProcessId] = frozenset()) -> ProcessJudgement:
    return judge_processes(seen, process_rules(), AllowList(), own_by_system, own)


def find_test_processes(seen: ProcessesSeen) -> frozenset[ProcessId]:
    """Not of the machine: what runs tests and what these start, and what started them: a launcher in a sandbox may
    itself run from memory. Such launchers are children of the first process, and of no package.
    """
    runners = {one.id.pid for one in seen.processes if b"pytest" in one.arguments()} | {os.getpid()}
    found = {pid for runner in runners for pid in descendants(seen.processes, runner)}
    for one in seen.processes:
        if one.exe is not None and one.exe.memfd and one.parent == 1:
            found.add(one.id.pid)
    parents = {one.id.pid: one.parent for one in seen.processes}
    pid = os.getpid()
    while pid in parents:
        found.add(pid)
        pid = parents[pid]
    return frozenset(one.id for one in seen.processes if one.id.pid in found)


def test_this_machine_has_no_finding() -> None:
    seen = collect_processes()
    owned = read_owned()

    def owner_of(path: FilePath) -> str | None:
        names = (path.text, path.text.removeprefix("/usr"))  # a merged /usr: packages may still name the old place
        return "debian" if any(name in owned for name in names) else ""

    judgement = judge_processes(seen, process_rules(), AllowList(), owner_of, find_test_processes(seen))
    assert [(finding.subject.key, finding.because) for finding in judgement.findings] == []
    assert judgement.leads == ()
    assert len(seen.processes) > 2


@pytest.fixture
def web_server(tmp_path: Path) -> Iterator[tuple[int, str]]:
    """The pid and address of an Apache with PHP whose page runs a harmless command."""
    program, php = shutil.which("apache2"), next(iter(MODULES.glob("libphp*.so")), None)
    if program is None or php is None or os.geteuid() != 0:
        pytest.skip("needs Debian's apache2 and libapache2-mod-php, and root")
    for folder in (tmp_path, *tmp_path.parents):
        if not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o011)
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "page.php").write_text("<?php shell_exec('sleep 20; true'); ?>")
    (tmp_path / "web" / "shell.php").write_text("<?php shell_exec('sleep 20 | bash -i'); ?>")
    (tmp_path / "web" / "plain.php").write_text("<?php echo 'inert'; ?>")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = tmp_path / "apache2.conf"
    config.write_text(CONFIG.format(root=tmp_path, port=port, modules=MODULES, php=php))
    address = f"http://127.0.0.1:{port}"
    with running(program, "-f", config, "-D", "FOREGROUND", stdout=subprocess.DEVNULL) as pid:
        wait_until(lambda: _answers(f"{address}/plain.php"))
        yield pid, address


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return bool(answer.read() == b"inert")
    except OSError:
        return False


def _ask(address: str) -> None:
    with contextlib.suppress(OSError):  # the server may be ended while it works
        urllib.request.urlopen(address, timeout=30).close()


def _look_below(pid: int) -> ProcessesSeen:
    seen = collect_processes()
    return only(seen, *descendants(seen.processes, pid))


def _look_while_it_works(pid: int, address: str, page: str) -> ProcessesSeen:
    """What is below the server while a page of it waits for a sleep that it started; the sleep is gone afterwards."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_ask, f"{address}/{page}")
        wait_until(lambda: any(one.name == "sleep" for one in _look_below(pid).processes))
        wait_until(lambda: page != "shell.php" or any(one.name == "bash" for one in _look_below(pid).processes))
        seen = _look_below(pid)
        for one in seen.processes:
            if one.name == "sleep":
                os.kill(one.id.pid, 9)
    return seen


def test_a_web_server_and_a_program_that_it_calls_are_no_finding(web_server: tuple[int, str]) -> None:
    pid, address = web_server
    assert [finding.because for finding in judge(_look_below(pid)).findings] == []
    seen = _look_while_it_works(pid, address, "page.php")
    assert [finding.because for finding in judge(seen).findings] == []


def test_a_shell_that_is_told_what_to_do_below_a_web_server_is_one(web_server: tuple[int, str]) -> None:
    pid, address = web_server
    seen = _look_while_it_works(pid, address, "shell.php")
    shell = next(one for one in seen.processes if one.name == "bash")
    findings = judge(seen).findings
    assert {(finding.subject.pid, finding.indicator) for finding in findings} == {
        (shell.id.pid, "bare-shell-below-web-server")
    }
    assert (findings[0].confidence, findings[0].remedy) == ("suspicious", "stop_process")
    assert any(item.data == b"bash -i" for item in findings[0].evidence)


def test_a_program_that_the_loader_runs_does_not_go_as_the_loader(tmp_path: Path) -> None:
    loader = Path("/lib64/ld-linux-x86-64.so.2")
    if not loader.exists():
        pytest.skip("needs the loader of x86-64")
    program = copy_program(tmp_path / ".x", "thing")
    with running(loader, "--argv0", "sshd", program, "60") as pid:
        wait_until(lambda: os.path.realpath(f"/proc/{pid}/exe") == os.path.realpath(loader))
        findings = judge(only(collect_processes(), pid)).findings
    assert [(one.indicator, one.remedy) for one in findings] == [("loader-of-program-in-temp", "stop_process")]
    assert any(item.source == "script" and item.data == os.fsencode(program) for item in findings[0].evidence)
