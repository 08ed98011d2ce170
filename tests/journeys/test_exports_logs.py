"""The exports for logs and web servers, made by the command and given to the real programs."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered.model.observation import LogHit
from tests.fixtures.asked_requests import list_asked
from tests.fixtures.command import Desk

MODULES = Path("/usr/lib/apache2/modules")
CONFIG = """
ServerRoot {folder}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog {folder}/error.log
DefaultRuntimeDir {folder}
Mutex file:{folder}
LoadModule mpm_prefork_module {modules}/mod_mpm_prefork.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule unique_id_module {modules}/mod_unique_id.so
LoadModule rewrite_module {modules}/mod_rewrite.so
LoadModule security2_module {modules}/mod_security2.so
StartServers 1
User www-data
Group www-data
HttpProtocolOptions Unsafe
AllowEncodedSlashes On
RewriteEngine On
RewriteRule .* - [R=204,L]
SecRuleEngine On
SecDataDir {folder}
SecTmpDir {folder}
Include {rules}
"""


@pytest.fixture
def rules(desk: Desk, tmp_path: Path) -> Path:
    """The rules as the command writes them."""
    answer = desk.run("packs", "export", "--as", "modsecurity", "--to", tmp_path / "out")
    assert answer.code == 0, answer.err
    return tmp_path / "out" / "modsecurity" / "codered.conf"


@pytest.fixture
def port(rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A real Apache with ModSecurity 2 and these rules, on a port of the loopback."""
    apache = shutil.which("apache2") or shutil.which("apache2", path="/usr/sbin")
    assert apache, "the package apache2 is missing"
    assert (MODULES / "mod_security2.so").exists(), "the package libapache2-mod-security2 is missing"
    folder = tmp_path_factory.mktemp("apache")
    with socket.create_server(("127.0.0.1", 0)) as free:
        chosen = int(free.getsockname()[1])
    config = folder / "apache.conf"
    config.write_text(CONFIG.format(folder=folder, port=chosen, modules=MODULES, rules=rules))
    command = [apache, "-D", "FOREGROUND", "-d", str(folder), "-f", str(config)]
    # In a group of its own: when Apache ends, it ends its whole group.
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        _wait_for(server, chosen)
        yield chosen
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(server: "subprocess.Popen[str]", port: int) -> None:
    for _ in range(200):
        assert server.poll() is None, server.stderr.read() if server.stderr else ""
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("Apache does not listen")


def ask(port: int, hit: LogHit) -> int:
    """The status that Apache answers this very request with."""
    headers = {"User-Agent": hit.agent, "Referer": hit.referer}
    lines = [f"{hit.request} HTTP/1.0", *(f"{name}: {value}" for name, value in headers.items() if value), "", ""]
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall("\r\n".join(lines).encode("latin-1"))
        answer = connection.makefile("rb").readline()
    return int(answer.split()[1])


def test_apache_with_modsecurity_2_turns_away_the_packs_requests_and_no_others(port: int) -> None:
    statuses = {204: 0, 400: 0, 403: 0}
    for one in (each for each in list_asked() if each.hit.request):
        status = ask(port, one.hit)
        statuses[status] += 1
        if not one.hit.request.partition(" ")[2].startswith("/"):
            assert status == 400, one.hit.request  # Apache's own answer to what has no path
            continue
        assert status == (403 if one.signs else 204), (one.where, one.hit.request)
    assert statuses[403] > 60
    assert statuses[204] > 20
