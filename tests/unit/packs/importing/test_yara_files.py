from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.packs.importing import yara_files
from codered.packs.importing.yara_files import YaraReader


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_an_include_comes_before_what_includes_it_and_never_from_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    rule = "rule {} {{ condition: true }}\n".format
    main = write(
        folder,
        "a/main.yar",
        'import "pe"\ninclude "../b/inner.yar"\ninclude "../../out.yar"\n'
        'include "link.yar"\ninclude "gone.yar"\ninclude "/etc/passwd"\n' + rule("main") + "rule odd {",
    )
    inner = write(folder, "b/inner.yar", 'include "../a/main.yar"\n' + rule("inner"))
    out = write(tmp_path, "out.yar", rule("out"))
    (folder / "a/link.yar").symlink_to(out)
    reader = YaraReader()
    reader.read((main, inner), folder)
    assert [(item.text.name, item.unit.endswith("main.yar")) for item in reader.found.rules] == [
        ("inner", True),
        ("main", True),
    ]
    assert [module for _, module in reader.found.modules] == ["pe"]
    assert reader.count == 3
    told = [f"{item.rule}: {item.why}" for item in reader.found.left]
    assert [text.split(": ")[0] for text in told] == [
        'include "../../out.yar"',
        'include "link.yar"',
        'include "gone.yar"',
        'include "/etc/passwd"',
        "odd",
    ]
    assert "leads out of" in told[0]
    assert "leads out of" in told[1]
    assert "leads out of" in told[3]
    assert "can't be read" in told[2]
    assert "can't be read" in told[4]


def test_sizes_numbers_and_depth_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path, "a.yar", "rule a { condition: true }\nrule b { condition: true }\n")
    for number in range(20):
        write(tmp_path, f"{number}.yar", f'include "{number + 1}.yar"\nrule r{number} {{ condition: true }}\n')
    reader = YaraReader()
    reader.read((tmp_path / "0.yar",), tmp_path)
    assert "more than 16 includes" in reader.found.left[0].why
    with monkeypatch.context() as patch:
        patch.setattr(yara_files, "MOST_RULES", 1)
        with pytest.raises(WrongUse, match="more than 1 rules"):
            YaraReader().read((file,), tmp_path)
    monkeypatch.setattr(yara_files, "MOST_BYTES", 10)
    with pytest.raises(WrongUse, match="larger than 10 bytes"):
        YaraReader().read((file,), tmp_path)
