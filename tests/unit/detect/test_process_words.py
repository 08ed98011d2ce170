"""What names and paths mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.detect.process_words import ProcessWords
from codered.model.paths import FilePath
from codered.model.process import Executable, ProcessSeen
from tests.fixtures.running import make_process, process_rules

WORDS = ProcessWords(process_rules().heuristics.lists)


def run(path: str, *command: str, name: str = "x", **fields: object) -> ProcessSeen:
    return make_process(70, name, exe=Executable(path=FilePath(path)), command=command, **fields)


@pytest.mark.parametrize(
    ("path", "command", "kinds"),
    [
        ("/usr/bin/dash", ("sh",), {"is-shell", "is-tool"}),
        ("/usr/bin/python3.11", ("python3",), {"is-interpreter", "is-tool"}),
        ("/usr/bin/php8.2", ("php",), {"is-interpreter", "is-tool"}),
        ("/usr/bin/curl", ("curl",), {"is-downloader", "is-tool"}),
        ("/usr/sbin/php-fpm8.2", ("php-fpm: pool",), {"is-web-server"}),
        ("/usr/sbin/apache2", ("apache2",), {"is-web-server"}),
        ("/bin/busybox", ("sh",), {"is-shell", "is-tool"}),
        ("/bin/busybox", ("/bin/wget",), {"is-downloader", "is-tool"}),
        ("/bin/busybox", ("ls",), set()),
        ("/bin/busybox", ("busybox", "sh", "-c", "x"), {"is-shell", "is-tool"}),
        ("/usr/bin/nc.openbsd", ("nc",), {"is-downloader", "is-connector", "is-tool"}),
        ("/usr/bin/node", ("node",), {"is-runtime"}),
        ("/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", ("x",), {"is-runtime", "is-loader"}),
        ("/usr/bin/sudo", ("sudo", "sh"), set()),
        ("/usr/bin/sleep", ("bash",), set()),
    ],
)
def test_kinds(path: str, command: tuple[str, ...], kinds: set[str]) -> None:
    assert set(WORDS.name_kinds(run(path, *command))) == kinds


def test_a_program_that_can_not_be_seen_goes_by_its_name() -> None:
    assert WORDS.is_shell(make_process(70, "bash"))


def test_places() -> None:
    assert all(map(WORDS.is_in_temp, ("/tmp/x", "/dev/shm/a/b", "/var/tmp/x", "/tmp")))
    assert not any(map(WORDS.is_in_temp, ("/tmpfs/x", "/home/tmp/x", "", "tmp/x", "/run/user/1000/x")))
    assert all(map(WORDS.is_hidden, ("/opt/.x/y", "/root/.y", "/var/www/.../z")))
    usual = ("/root/.cargo/bin/x", "/home/a/.vscode-server/x", "/opt/x", "/a/../b", "/home/a/.config/.x/y")
    assert not any(map(WORDS.is_hidden, usual))
    assert WORDS.is_in_system_place("/usr/bin/x")
    assert not WORDS.is_in_system_place("/usr/local/bin/x")


@pytest.mark.parametrize(
    ("path", "command", "script"),
    [
        ("/usr/bin/dash", ("sh", "-e", "/opt/x.sh"), "/opt/x.sh"),
        ("/usr/bin/bash", ("bash", "-lc", "while :; do x; done"), None),
        ("/usr/bin/perl", ("perl", "-e", "x", "/opt/y"), None),
        ("/usr/bin/dash", ("sh", "-x", "run.sh"), "/srv/run.sh"),
        ("/usr/bin/dash", ("sh", "../a/./run.sh", "/tmp/y"), "/a/run.sh"),
        ("/usr/bin/python3.11", ("python3", "-u", "/opt/x.py"), "/opt/x.py"),
        ("/usr/bin/python3.11", ("python3", "-m", "http.server"), None),
        ("/usr/bin/python3.11", ("python3", "-c", "x", "/opt/x"), None),
        ("/usr/bin/dash", ("sh",), None),
        ("/usr/bin/sleep", ("sleep", "60"), None),
    ],
)
def test_scripts(path: str, command: tuple[str, ...], script: str | None) -> None:
    assert WORDS.find_script(run(path, *command, cwd="/srv")) == script


def test_code_in_the_command_line() -> None:
    for command in (("sh", "-c", "x"), ("bash", "-lc", "x"), ("bash", "-l", "-c", "x")):
        assert WORDS.has_inline_code(run("/usr/bin/bash", *command))
    assert WORDS.has_inline_code(run("/usr/bin/perl", "perl", "-we", "x"))
    assert not WORDS.has_inline_code(run("/usr/bin/bash", "bash", "/opt/x.sh", "-c"))
    assert not WORDS.has_inline_code(run("/usr/bin/bash", "bash", "-e", "/opt/x.sh"))
    assert not WORDS.has_inline_code(run("/usr/bin/sleep", "sleep", "-c"))


def test_shells_that_do_what_their_input_says() -> None:
    for told in ("sh", "bash -i", "-bash", "sh -s"):
        assert WORDS.is_bare_shell(run("/usr/bin/bash", *told.split()))
    for told in ("sh -c x", "sh /opt/x.sh"):
        assert not WORDS.is_bare_shell(run("/usr/bin/bash", *told.split()))
    assert not WORDS.is_bare_shell(run("/usr/bin/python3.11", "python3"))


def test_who_runs_what_others_say() -> None:
    for path in ("/usr/bin/dash", "/usr/bin/curl", "/usr/bin/java", "/usr/bin/sudo", "/usr/bin/su", "/usr/bin/script"):
        assert WORDS.runs_anything(run(path, "x"))
    assert not WORDS.runs_anything(run("/usr/bin/grep", "grep"))
    assert WORDS.names_plain_program("grep")
    assert not WORDS.names_plain_program("curl")
    assert not WORDS.is_script_runner(run("/usr/bin/sudo", "sudo", "sh"))
    assert WORDS.find_script(run("/usr/bin/sudo", "sudo", "./x", cwd="/srv")) == "/srv/x"
    assert WORDS.find_script(run("/usr/bin/sudo", "sudo", "x", cwd="/srv")) is None


def test_managers_and_servers_by_script_or_title() -> None:
    python = "/usr/bin/python3.11"
    assert WORDS.is_manager(run(python, "python3", "/srv/bin/supervisord"))
    assert WORDS.is_manager(run(python, "gunicorn: master [app]"))
    assert WORDS.is_manager(run("/srv/bin/monit"))
    assert not WORDS.is_manager(run(python, "python3", "/srv/x", "supervisord"))
    assert not WORDS.is_manager(run("/srv/x", "supervisord", name="supervisord"))
    assert WORDS.is_app_server(run(python, "python3", "/srv/bin/gunicorn"))
    assert WORDS.is_app_server(run("/usr/bin/java", "java"))
    assert not WORDS.is_app_server(run(python, "python3", "/srv/bin/supervisord"))


def test_places_of_other_package_managers() -> None:
    managed = ("/snap/snapd/217/usr/lib/snapd/snapd", "/snap/x/x1/y", "/nix/store/" + "a" * 32 + "-x-1/bin/x")
    assert all(map(WORDS.is_managed, managed))
    assert not any(map(WORDS.is_managed, ("/snap/x", "/snap/x/y/z", "/nix/store/x/y", "/tmp/snap/x/1/y", "/nix/x")))


def test_preloaded_libraries() -> None:
    environment = {"LD_PRELOAD": "/tmp/a.so:b.so  /c.so", "LD_AUDIT": "/d.so"}
    assert WORDS.find_preloaded(run("/x", environment=environment)) == ["/tmp/a.so", "b.so", "/c.so", "/d.so"]
    assert WORDS.find_preloaded(run("/x")) == []


@given(st.lists(st.text(max_size=30), max_size=6), st.text(max_size=30), st.text(max_size=20))
def test_any_text_is_taken(command: list[str], path: str, name: str) -> None:
    process = run("/" + path, *command, name=name)
    assert isinstance(list(WORDS.name_kinds(process)), list)
    assert WORDS.find_script(process) is None or str(WORDS.find_script(process)).startswith("/")
    assert WORDS.looks_like_kernel(process) in (True, False)
    assert WORDS.is_system_program(process) in (True, False)
