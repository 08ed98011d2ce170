import pytest

from codered.collect.iis.words import (
    SystemFolders,
    folders_of,
    parse_access_flags,
    parse_mask,
    plain_path,
    read_words,
    rights_of,
)


def test_access_flags_in_every_form() -> None:
    assert parse_access_flags("AccessRead | AccessScript") == 513
    assert parse_access_flags("accessread|ACCESSWRITE") == 3
    assert parse_access_flags("519") == parse_access_flags("0x207") == 519
    for text in ("", "|", "AccessNothing", "0x", "-1", "9" * 11, "٣"):
        assert parse_access_flags(text) is None, text
    assert parse_mask("217") == 0x217
    assert parse_mask(" 205 ") == 0x205
    for text in ("", "x", "2 1", "1" * 11, "-1"):
        assert parse_mask(text) is None, text
    assert rights_of(0x217) == ("read", "write", "execute", "source", "script")
    assert rights_of(None) == rights_of(0) == ()


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("c:", "c:\\"), ("C:\\", "C:\\"), ("c:/", "c:\\"), ("c:\\.", "c:\\"), ("c:\\x\\..", "c:\\"), ("", ""),
        ('"C:\\a b"', "C:\\a b"), ("C:\\x\\..\\y\\\\z\\", "C:\\y\\z"), ("\\\\?\\C:\\x", "C:\\x"),
        ("\\??\\C:\\x", "C:\\x"),
        ("\\\\?\\UNC\\host\\share\\x", "\\\\host\\share\\x"), ("\\\\host\\share\\", "\\\\host\\share\\"), ("\0", "\0"),
    ],
)  # fmt: skip
def test_one_form_for_all_names_of_a_folder(path: str, plain: str) -> None:
    assert plain_path(path) == plain


def test_variables_are_those_of_the_system_it_belongs_to() -> None:
    folders = folders_of("D:\\WINNT\\System32\\inetsrv\\MetaBase.xml")
    assert folders == SystemFolders("D:\\WINNT")
    assert folders.expand("%SystemDrive%\\inetpub") == "D:\\inetpub"
    assert folders.expand("%WINDIR%\\x\\%programdata%") == "D:\\WINNT\\x\\D:\\ProgramData"
    assert folders.expand("100%\\a%b%c%SystemRoot%") == "100%\\a%b%cD:\\WINNT"
    assert folders.expand("%%%nothing%%systemroot") == "%%%nothing%%systemroot"
    assert folders.expand("%x" * 50_000).endswith("%x")
    for shown in ("", "/x/system32/y", "C:\\elsewhere\\x.config", "\\\\h\\system32\\x"):
        assert folders_of(shown) == SystemFolders("C:\\Windows")
    assert folders.fill("{drive}|{windows}") == "D:|D:\\WINNT"


def test_the_table_is_whole() -> None:
    words = read_words()
    assert {item.form for item in words.configurations} == {"sections", "redirection", "metabase", "binary"}
    assert all(folders.startswith(("{drive}", "{windows}")) for folders in words.environment.values())
    assert set(words.rights.values()) <= set(words.access_flags.values())
