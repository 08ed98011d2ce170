"""What a command line runs in the end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.detect.process_commands import MOST_LAUNCHERS, CommandReader
from tests.fixtures.running import process_rules

READER = CommandReader(process_rules().heuristics.lists["process-options"])


def read(*command: str) -> tuple[str, str, str]:
    return tuple(READER.read(command[0], command[1:]))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("command", "kind", "text"),
    [
        ("python3 -W ignore /tmp/x.py", "script", "/tmp/x.py"),
        ("python3 -Wignore -Xdev -E /tmp/x.py", "script", "/tmp/x.py"),
        ("python3 -um http.server", "module", "http.server"),
        ("python3 -Ec x", "code", "x"),
        ("python3 -Wc x.py", "script", "x.py"),
        ("python3 --check-hash-based-pycs default x.py", "script", "x.py"),
        ("python3 - /tmp/x", "nothing", ""),
        ("python3 " + "-u " * 40 + "x.py", "script", "x.py"),
        ("bash -o pipefail -x x.sh", "script", "x.sh"),
        ("bash -eo pipefail x.sh", "script", "x.sh"),
        ("bash +O extglob x.sh", "script", "x.sh"),
        ("bash --rcfile /x -i", "nothing", ""),
        ("bash -- x.sh", "script", "x.sh"),
        ("bash - x.sh", "script", "x.sh"),
        ("bash -lc x", "code", "x"),
        ("sh -s", "nothing", ""),
        ("perl -MSocket -we x", "code", "x"),
        ("perl -MSocket -I /opt x.pl", "script", "x.pl"),
        ("perl -i.bak -pe x", "code", "x"),
        ("php -d a=b -c /etc/x.ini -f x.php", "script", "x.php"),
        ("php -S 127.0.0.1:80 -t /srv x.php", "script", "x.php"),
        ("php-cgi -c /etc/php.ini", "nothing", ""),
        ("php --run=x", "code", "x"),
        ("ruby -I lib -r x y.rb", "script", "y.rb"),
        ("gawk -F : x /etc/passwd", "code", "x"),
        ("gawk -f x.awk y", "script", "x.awk"),
        ("node --require x y.js", "script", "y.js"),
        ("node --max-old-space-size=4096 y.js", "script", "y.js"),
        ("node -pe x", "code", "x"),
        ("deno run --allow-net x.ts", "script", "x.ts"),
        ("deno eval x", "code", "x"),
        ("java -Xmx1g -jar /opt/x.jar -c y", "script", "/opt/x.jar"),
        ("java -cp /tmp/.x/a.jar:/opt/b.jar Main", "script", "/tmp/.x/a.jar"),
        ("java -Dx=y org.example.Main", "module", "org.example.Main"),
        ("java x/Main.java", "script", "x/Main.java"),
        ("ld-linux-x86-64.so.2 --library-path /x /tmp/y", "script", "/tmp/y"),
        ("timeout -k 5 9 bash -c x", "code", "x"),
        ("timeout 9 /tmp/x", "program", "/tmp/x"),
        ("env -u A B=c nice -n 5 nohup /tmp/x", "program", "/tmp/x"),
        ("env - x", "program", "x"),
        ("sudo -u root -- grep x", "program", "grep"),
        ("sudo -i", "nothing", ""),
        ("su - ann -c x", "code", "x"),
        ("script -qc x /dev/null", "code", "x"),
        ("xargs -n1 -I % sh x.sh", "script", "x.sh"),
        ("sleep 60", "nothing", ""),
        ("sh", "nothing", ""),
        ("python3 -c", "code", ""),
        ("python3 -W", "nothing", ""),
    ],
)
def test_what_is_run(command: str, kind: str, text: str) -> None:
    assert read(*command.split())[:2] == (kind, text)


def test_the_program_in_the_end_is_told() -> None:
    assert read("timeout", "9", "/bin/bash", "-c", "x") == ("code", "x", "bash")
    assert read("timeout", "9", "/usr/bin/grep") == ("program", "/usr/bin/grep", "grep")


def test_launchers_of_launchers_end() -> None:
    deep = ("nohup",) * (MOST_LAUNCHERS - 1)
    assert read(*deep, "/tmp/x")[:2] == ("program", "/tmp/x")
    assert read(*deep, "nohup", "nohup", "/tmp/x")[:2] == ("program", "nohup")


def test_who_runs_what_others_say() -> None:
    assert all(map(READER.knows, ("sh", "python3.11", "node", "java", "ld-linux-x86-64.so.2", "ld-2.31.so", "sudo")))
    assert not any(map(READER.knows, ("grep", "ld", "lddd", "ld-gold", "sshd", "")))


@given(
    st.sampled_from(["bash", "python3", "java", "env", "sudo", "perl", "su", "deno", "x"]),
    st.lists(st.one_of(st.text(max_size=8), st.sampled_from(["-c", "-", "--", "-cp", "env", "sh", "+o", "A=b"]))),
)
def test_any_command_line_is_read(name: str, arguments: list[str]) -> None:
    run = READER.read(name, tuple(arguments))
    assert run.kind in ("nothing", "code", "script", "module", "program")
    assert run.kind == "nothing" or not run.text or any(run.text in one for one in arguments)
