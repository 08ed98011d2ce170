import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.autostart.commands import MOST_RUN, list_programs


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("", ()),
        ("reboot", ()),
        ("/usr/bin/x --to /etc/y", ("/usr/bin/x",)),
        ("A=1 /x", ("/x",)),
        ("nice -n 10 /x", ("/x",)),
        ("timeout 5s /x", ("/x",)),
        ("/bin/bash -c '/a; /b | /c && (/d)'", ("/bin/bash", "/a", "/b", "/c", "/d")),
        ("/bin/sh /tmp/s.sh /arg", ("/bin/sh", "/tmp/s.sh")),
        ("bash -x /tmp/s.sh", ("/tmp/s.sh",)),
        ("python3.11 /x.py /data", ("/x.py",)),
        ('"/root/.acme.sh"/acme.sh --home "/root/.acme.sh"', ("/root/.acme.sh/acme.sh",)),
        ("/usr/bin/at -M -f /x now", ("/usr/bin/at", "/x")),
        (". ~/.x; source $HOME/y", ("~/.x", "$HOME/y")),
        ("find /tmp -delete", ()),
        ("[ -f /tmp/x ] && /y", ("/y",)),
        ("if /x > /tmp/log; then /y; fi", ("/x", "/y")),
        ("cat $(/x)", ("/x",)),
        ("ExecStart=-/x", ("/x",)),
        ("/dev/null; /dev/shm/x", ("/dev/shm/x",)),
        ("// a comment", ()),
        ("# /x", ()),
        ("/x # /y", ("/x",)),
        ("flock -n /tmp/lock.lck /opt/run.sh", ("/opt/run.sh",)),
        ("/usr/bin/flock -w 5 -E 0 /tmp/l /tmp/.x/k", ("/usr/bin/flock", "/tmp/.x/k")),
        ("flock /tmp/l -c '/opt/x; /y'", ("/opt/x", "/y")),
        ("flock --timeout=5 /tmp/l sh /opt/x", ("/opt/x",)),
        ("flock -n /tmp/l nice -n 5 /opt/x /tmp/y", ("/opt/x",)),
        ("( flock -n 9 || exit; /x ) 9>/tmp/l", ("/x",)),
        ("/x > /tmp/l 2>&1", ("/x",)),
        ("/x >/tmp/l; /y 2>>/tmp/e", ("/x", "/y")),
        ("/x>/tmp/l", ("/x",)),
        ("/x &> /tmp/l", ("/x",)),
        ("/x &>>/tmp/l && /y", ("/x", "/y")),
        ("/x >& /tmp/l", ("/x",)),
        ("/x >| /tmp/l", ("/x",)),
        ("/x >/tmp/l & /tmp/y", ("/x", "/tmp/y")),
        (">/tmp/l /tmp/x", ("/tmp/x",)),  # hides nothing
        ("2>/dev/null </dev/null /tmp/x", ("/tmp/x",)),
        ("/x 9> /tmp/l; exec 9>/tmp/l", ("/x",)),
        ("/x <<< /tmp/y", ("/x",)),
        (". <(/x)", ("/x",)),
    ],
)
def test_the_programs_of_a_command(command: str, expected: tuple[str, ...]) -> None:
    assert list_programs(command) == expected


def test_no_more_than_so_many() -> None:
    assert len(list_programs(";".join(f"/x{number}" for number in range(100)))) == MOST_RUN


@given(st.text(max_size=500))
def test_no_command_is_too_odd(command: str) -> None:
    assert all(name[0] in "/.~$" for name in list_programs(command))
