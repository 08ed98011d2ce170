import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codered.collect import java_archives
from codered.collect.java_archives import BadArchive, JavaPart, JavaSeen, read_archive

TITLES = {"Apache Log4j Core": "org.apache.logging.log4j:log4j-core"}
PROPERTIES = "#made\ngroupId=org.apache.logging.log4j\nartifactId=log4j-core\nversion=2.14.1\n"
PROPERTIES_AT = "META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties"
LOG4J = JavaPart("org.apache.logging.log4j:log4j-core", "2.14.1")


def archive(**files: str | bytes) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return raw.getvalue()


def look(tmp_path: Path, raw: bytes) -> JavaSeen:
    path = tmp_path / "x.jar"
    path.write_bytes(raw)
    with path.open("rb") as file:
        return read_archive(file.fileno(), TITLES)


def read(tmp_path: Path, raw: bytes) -> list[JavaPart]:
    return list(look(tmp_path, raw).parts)


def test_by_its_properties_and_by_its_manifest(tmp_path: Path) -> None:
    assert read(tmp_path, archive(**{PROPERTIES_AT: PROPERTIES})) == [LOG4J]
    manifest = "Implementation-Title: Apache Log4j Core\r\nImplementation-Version: 2.14.1\r\n"
    assert read(tmp_path, archive(**{"META-INF/MANIFEST.MF": manifest})) == [LOG4J]
    assert read(tmp_path, archive(**{"META-INF/MANIFEST.MF": "Implementation-Title: mine\n"})) == []


def test_archives_inside_count_and_a_broken_one_costs_itself(tmp_path: Path) -> None:
    inner = archive(**{PROPERTIES_AT: PROPERTIES})
    seen = look(tmp_path, archive(**{"BOOT-INF/lib/bad.jar": b"PK", "BOOT-INF/lib/log4j.JAR": inner, "x.jar/": b""}))
    assert seen == JavaSeen((LOG4J,), ("BOOT-INF/lib/bad.jar: not an archive",))


def test_three_archives_deep_and_no_more(tmp_path: Path) -> None:
    raw = archive(**{PROPERTIES_AT: PROPERTIES})
    for name in ("log4j.jar", "web.war", "app.ear"):
        raw = archive(**{name: raw})
    assert look(tmp_path, raw) == JavaSeen((LOG4J,), ())
    deeper = look(tmp_path, archive(**{"z\x1b.jar": raw}))
    missed = "z\\x1b.jar!app.ear!web.war!log4j.jar: more than 3 archives around it"
    assert deeper == JavaSeen((), (missed,))


def test_a_damaged_manifest_costs_itself(tmp_path: Path) -> None:
    raw = archive(**{PROPERTIES_AT: PROPERTIES.encode(), "lib/log4j.jar": archive(**{PROPERTIES_AT: PROPERTIES})})
    at = raw.index(PROPERTIES_AT.encode()) + len(PROPERTIES_AT)
    seen = look(tmp_path, raw[:at] + b"\xff" * 8 + raw[at + 8 :])
    assert seen.parts == (LOG4J,)
    assert seen.missed == (f"{PROPERTIES_AT}: can't be read: error",)


def test_a_bomb_is_read_only_to_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(tmp_path, archive(**{PROPERTIES_AT: PROPERTIES + "x" * 10_000_000})) == [LOG4J]
    inner = archive(**{PROPERTIES_AT: PROPERTIES.encode(), "zeros": b"\0" * 100_000})
    monkeypatch.setattr(java_archives, "MOST_UNPACKED", len(inner))
    seen = look(tmp_path, archive(**{"lib/a.jar": inner, "lib/b.jar": inner}))
    assert seen.parts == (LOG4J,)
    assert len(seen.missed) == 1
    monkeypatch.setattr(java_archives, "MOST_INNER", 1000)
    seen = look(tmp_path, archive(**{"lib/big.jar": inner + b"\0" * 2000}))
    assert seen == JavaSeen((), ("lib/big.jar: larger than 0 MiB",))


def test_the_number_of_archives_inside_is_one_for_all_levels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java_archives, "MOST_INSIDE", 3)
    empty = archive()
    inner = archive(**{"a.jar": empty, "b.jar": empty, "c.jar": empty})
    assert [one.partition(":")[0] for one in look(tmp_path, archive(**{"x.war": inner})).missed] == ["x.war!c.jar"]


def test_a_table_of_contents_that_lies(tmp_path: Path) -> None:
    raw = bytearray(archive(**{PROPERTIES_AT: PROPERTIES}))
    end = raw.rfind(b"PK\5\6")
    struct.pack_into("<I", raw, end + 12, 1 << 30)
    with pytest.raises(BadArchive, match="too large"):
        read(tmp_path, bytes(raw))
    with pytest.raises(BadArchive, match="not an archive"):
        read(tmp_path, b"")


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, 400), byte=st.integers(0, 255), cut=st.integers(0, 60))
def test_whatever_is_in_it(tmp_path_factory: pytest.TempPathFactory, at: int, byte: int, cut: int) -> None:
    raw = bytearray(archive(**{PROPERTIES_AT: PROPERTIES.encode(), "x.jar": archive(a="b")}))
    raw[at % len(raw)] = byte
    try:
        found = read(tmp_path_factory.getbasetemp(), bytes(raw[: len(raw) - cut]))
    except BadArchive:
        return
    assert all(isinstance(part, JavaPart) for part in found)
