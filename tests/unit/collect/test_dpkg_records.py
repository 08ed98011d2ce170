import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.autostart.reading import Reader
from codered.collect.dpkg_records import INFO, STATUS, as_bytes, as_name, read_info, read_installed, read_record
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, own

SAME = b"Package: libx\nStatus: install ok installed\nArchitecture: amd64\nMulti-Arch: same\n"


@pytest.mark.parametrize(
    ("form", "names"), [(b"1\n", {"libx:amd64"}), (b"0\n", {"libx"}), (b"", {"libx:amd64", "libx"})]
)
def test_a_list_has_the_architecture_in_its_name_where_several_may_be_there(form: bytes, names: set[str]) -> None:
    assert set(read_installed(SAME, form)) == names


def test_fields_of_one_package_are_not_those_of_the_next() -> None:
    status = b"Package: a\n\nPackage: b\nDescription: x\n Status: install ok installed\n\n" + SAME.replace(
        b"libx", b"c"
    )
    assert read_installed(status, b"1") == {"c:amd64": True}


def test_configuration_that_is_left_over_is_told_apart() -> None:
    assert read_installed(b"Package: a\nStatus: deinstall ok config-files\n", b"1") == {"a": False}


@given(st.binary(max_size=300), st.binary(max_size=9))
def test_any_bytes_are_read(status: bytes, form: bytes) -> None:
    assert all(isinstance(name, str) for name in read_installed(b"Package: a\nStatus: x\n\n" + status, form))


def test_names_lose_nothing() -> None:
    assert as_bytes(as_name(b"a\xff")) == b"a\xff"


def test_what_is_no_plain_file_is_told(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "app", {"usr/app": "x"})
    (root / "var/lib/dpkg/status").unlink()
    os.mkfifo(root / "var/lib/dpkg/status")
    reader = Reader(open_target(str(root)))
    assert read_record(reader, STATUS) == b""
    assert [item.rel for item in reader.unread] == [STATUS]
    assert dict(read_info(reader, b".list"))["app"] == b"/.\n/usr/app\n"
    assert read_record(reader, INFO + b"/none.list") == b""
