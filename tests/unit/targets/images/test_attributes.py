import os
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.targets.images.attributes import PASSED_OVER, parse_reparse, read_attributes, read_reparse, read_short_name
from codered.targets.images.session import ImageSession, make_image_info
from codered.targets.images.shapes import TskFile
from tests.fixtures.disk_images import make_infected_volume, make_junction


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> ImageSession:
    return ImageSession(os.fsencode(make_infected_volume(tmp_path_factory.mktemp("v"))))


def file_of(session: ImageSession, rel: bytes) -> TskFile:
    import pytsk3

    system = pytsk3.FS_Info(make_image_info(session.container.disk))
    file: TskFile = system.open_meta(inode=session.locate(rel).inode)
    return file


def test_the_streams_of_a_file(session: ImageSession) -> None:
    found = read_attributes(file_of(session, b"p1/Inetpub/wwwroot/default.htm"))
    assert found.content is not None
    assert found.content.size == 35
    assert sorted(name for name, _ in found.streams) == [b"Zone.Identifier", b"hidden"]
    assert found.reparse == -1


def test_short_names_and_junctions(session: ImageSession) -> None:
    assert read_short_name(file_of(session, b"p1/Program Files")) == "PROGRA~1"
    assert read_short_name(file_of(session, b"p1/Inetpub")) == ""
    file = file_of(session, b"p1/elsewhere")
    assert read_reparse(file, read_attributes(file)) == ("a0000003", "\\??\\Z:\\data")


def test_where_links_lead() -> None:
    assert parse_reparse(make_junction("C:\\x")) == ("a0000003", "\\??\\C:\\x")
    name = "..\\x".encode("utf-16-le")
    link = struct.pack("<IHHHHHHI", 0xA000000C, 0, 0, 0, len(name), 0, 0, 1) + name
    assert parse_reparse(link) == ("a000000c", "..\\x")
    assert parse_reparse(struct.pack("<IHH", 0x80000017, 0, 0)) == ("80000017", "")
    assert PASSED_OVER.reparse["80000017"].why
    assert parse_reparse(b"") == ("", "")


@given(st.binary(max_size=200), st.sampled_from([b"", b"\x03\0\0\xa0", b"\x0c\0\0\xa0"]))
def test_hostile_reparse_data_gives_a_tag_and_a_short_text(data: bytes, tag: bytes) -> None:
    found, leads = parse_reparse(tag + data)
    assert len(found) in (0, 8)
    assert len(leads) <= 100
