from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from codered.detect.autostart_signs import AutostartSigns
from codered.model.indicators import AutostartIndicator, SettingIndicator
from codered.model.pack import LoadedPack
from codered.model.paths import FilePath
from codered.model.persistence import Autostart
from tests.fixtures.small_packs import make_pack

PLAIN = {"because": "x", "confidence": "likely", "severity": "high", "references": ()}
ENTRY = Autostart(
    kind="systemd", path=FilePath("/etc/x"), entry="x.service", command="/bin/d -a", text=b"A=1\nB /bin/d -a"
)


@dataclass
class Signs:
    autostart: tuple[AutostartIndicator, ...] = ()
    settings: tuple[SettingIndicator, ...] = field(default=())

    def find(self, entry: Autostart) -> list[tuple[str, int]]:
        loaded: LoadedPack = make_pack("inert")
        pack = replace(loaded.pack, autostart=self.autostart, settings=self.settings)
        found = AutostartSigns((replace(loaded, pack=pack),)).find(entry)
        assert all(sign.pack == "inert" for sign in found)
        return [(sign.indicator.id, sign.line) for sign in found]


def entry_sign(**fields: object) -> Signs:
    return Signs((AutostartIndicator(**({"id": "s", "kind": "systemd", **PLAIN} | fields)),))  # type: ignore[arg-type]


def setting(**fields: object) -> Signs:
    made = {"id": "s", "store": "file", "key": "/etc/x", **PLAIN} | fields
    return Signs(settings=(SettingIndicator(**made),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "hits"),
    [
        ({"name": "x.service"}, True),
        ({"name": "X.*"}, True),
        ({"name": "y.service"}, False),
        ({"command": "/bin/d"}, True),
        ({"command": "*/BIN/D*"}, True),
        ({"command": "/bin/e"}, False),
        ({"command": "a=1*-a"}, False),  # over two lines
        ({"command": "[ab]*"}, False),
        ({"name": "x.service", "command": "/bin/e"}, False),
        ({"kind": "cron", "name": "x.service"}, False),
        ({}, False),
    ],
)
def test_an_entry_by_its_kind_name_and_command(fields: dict[str, object], hits: bool) -> None:
    assert entry_sign(**fields).find(ENTRY) == ([("s", 0)] if hits else [])


@pytest.mark.parametrize(
    ("fields", "lines"),
    [
        ({"equals": ("b /bin/d -a",)}, [2]),
        ({"value": "a", "equals": ("1",)}, [1]),
        ({"value": "B", "pattern": "/bin/d.{0,9}$"}, [2]),
        ({"pattern": "[0-9]"}, [1]),
        ({"value": "C", "pattern": "."}, []),
        ({"key": "/etc/y", "pattern": "."}, []),
        ({"key": "C:\\x", "pattern": "."}, []),
        ({"store": "registry", "pattern": "."}, []),
    ],
)
def test_a_setting_is_a_line_of_its_file(fields: dict[str, object], lines: list[int]) -> None:
    assert setting(**fields).find(ENTRY) == [("s", line) for line in lines]


def test_a_setting_that_was_pushed_down_is_seen() -> None:
    text = b"\n" * 60_000 + ENTRY.text
    assert setting(equals=("b /bin/d -a",)).find(replace(ENTRY, text=text)) == [("s", 60_002)]


def test_an_entry_that_is_a_line_is_that_line() -> None:
    assert setting(pattern="bin/d").find(replace(ENTRY, line=7, text=b"/bin/d")) == [("s", 0)]


def test_a_hostile_text_takes_no_time() -> None:
    text = b"a" * 60_000
    assert entry_sign(command="*a*a*a*a*a*a*b").find(replace(ENTRY, text=text, command="")) == []
