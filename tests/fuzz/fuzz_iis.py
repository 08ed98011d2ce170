"""Fuzzing the readers of IIS configurations: whatever the bytes, they end, what is found has places inside the file,
and what is planned leaves well-formed XML.

    .venv/bin/python tests/fuzz/fuzz_iis.py -max_total_time=60 [FOLDER OF SEEDS]
    .venv/bin/python tests/fuzz/fuzz_iis.py --make-seeds FOLDER

An input is a file as it is. Not collected by pytest.
"""

import contextlib
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

import atheris  # noqa: E402

with atheris.instrument_imports(
    include=["codered.collect.iis", "codered.detect.iis", "codered.engine.xml", "codered.remediate.iis"],
    enable_loader_override=False,
):
    from codered.collect.iis.config_sections import read_sections
    from codered.collect.iis.gathering import ConfigText, Gathering
    from codered.collect.iis.metabase_bin import read_metabase_bin
    from codered.collect.iis.metabase_xml import read_metabase_xml
    from codered.detect.iis import find_leads, judge_iis
    from codered.engine.xml_elements import read_elements
    from codered.remediate.byte_cuts import Cut, make_line_changes
    from codered.remediate.drafts import LeftOut
    from codered.remediate.iis_elements import attribute_cut, entry_cut, read_document

from codered.model.paths import FilePath  # noqa: E402
from codered.remediate.lines import change_lines, split_lines  # noqa: E402
from codered.targets.offline_root import OfflineRoot  # noqa: E402
from tests.fixtures.iis_configs import load_rules  # noqa: E402

_FORMS = {"a.config": read_sections, "a.xml": read_metabase_xml, "a.bin": read_metabase_bin}
_TARGET = OfflineRoot(tempfile.mkdtemp())
_RULES = load_rules("codered2")
os.rmdir(_TARGET.info.root)


def try_one(data: bytes) -> None:
    """What the fuzzer calls."""
    for name, read in _FORMS.items():
        gathering = Gathering(_TARGET)
        read(ConfigText(FilePath(f"/x/{name}"), f"C:\\Windows\\System32\\{name}", data), gathering)
        seen = gathering.finish()
        for place in (*(item.place for item in seen.directories), *(item.place for item in seen.items)):
            assert 0 <= place.start < len(data)
            assert place.end <= len(data)
            assert place.line <= data.count(b"\n") + 1
        findings = judge_iis(seen, _RULES)
        find_leads(seen, findings)
        assert all("\n" not in (finding.subject.key or "") for finding in findings)
    _edit(data)


def _edit(data: bytes) -> None:
    try:
        document = read_document(data)
    except LeftOut:
        return
    for element in document.elements[:-1][:5]:
        made = change_lines(data, make_line_changes(split_lines(data), [Cut(element.start, element.end)]))
        assert read_elements(made, lambda _: None) == "", "what is left is well-formed"
    for element in document.elements[:5]:
        for name in element.attributes:
            with contextlib.suppress(LeftOut):
                cut = attribute_cut(document, element, name, "a&b<\u0160")
                made = change_lines(data, make_line_changes(split_lines(data), [cut]))
                changed = [each for each in read_document(made).elements if each.start == element.start]
                assert "a&b<\u0160" in [each.attributes.get(name) for each in changed]
            with contextlib.suppress(LeftOut):
                entry_cut(document, element, name, ".ida")


def make_seeds(folder: Path) -> None:
    """The configurations of the tests, one of them in UTF-16, small ones, and strings of a binary one."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (ROOT / "tests" / "fixtures" / "windows").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    small = '<a><application path="/"><virtualDirectory path="/c" physicalPath="c:\\"/></application></a>'
    (folder / "wide").write_bytes(b"\xff\xfe" + small.encode("utf-16-le"))
    (folder / "small").write_text(f"<sites><site>{small}</site></sites>")
    (folder / "maps").write_text('<x Location="/LM/W3SVC/1" ScriptMaps=".ida,c:\\idq.dll,7\n .b,c" Path="c:"/>')
    (folder / "binary").write_bytes("ROOT/c\0\1c:\\\0\0".encode("utf-16-le") + b"\0ROOT/d\0\1d:\\\0")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make-seeds"]:
        make_seeds(Path(sys.argv[2]))
    else:
        atheris.Setup(sys.argv, try_one)
        atheris.Fuzz()
