from pathlib import Path

import pytest

from codered.collect.autostart.first_person import read_first_person
from codered.collect.autostart.reading import Reader
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, write


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("", 1000),
        ("UID_MIN 500", 500),
        ("\tUID_MIN\t\t  800 \r\n", 800),
        ("UID_MIN 1\n", 500),
        ("UID_MIN 20000\n", 1000),
        ("#UID_MIN 500\nSYS_UID_MIN 100\n", 1000),
        ("UID_MIN 700\nUID_MIN 600\n", 600),
        ("UID_MIN 99999999999\nUID_MIN -1\n\0", 1000),
    ],
)
def test_where_people_begin(tmp_path: Path, text: str, first: int) -> None:
    write(make_root(tmp_path), {"etc/login.defs": text})
    assert read_first_person(Reader(open_target(str(tmp_path)))) == first


def test_without_the_file_it_is_as_usual(tmp_path: Path) -> None:
    assert read_first_person(Reader(open_target(str(make_root(tmp_path))))) == 1000
