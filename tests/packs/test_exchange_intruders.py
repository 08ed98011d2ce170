"""What intruders of Exchange leave in its configuration, and which builds have the fix: the pack proxyshell."""

from pathlib import Path

import pytest

from codered.detect.patches import judge_patch
from codered.model.patches import FileFact, PatchFacts
from codered.packs.loading import find_packs_folder, load_packs
from tests.fixtures.iis_configs import APPLICATION_HOST, EXCHANGE, collect, judge, write_config

(PACK,) = (loaded.pack for loaded in load_packs(find_packs_folder(), ("proxyshell",)))
EXSETUP = "?:\\Program Files\\Microsoft\\Exchange Server\\V15\\Bin\\ExSetup.exe"
INSTALLED = frozenset(["HKLM\\SOFTWARE\\Microsoft\\ExchangeServer\\v15\\Setup"])
NOTHING: frozenset[str] = frozenset()
ABSENT = FileFact(name=EXSETUP, exists=False)


def build(version: str, date: str = "2021-05-05") -> FileFact:
    return FileFact(name=EXSETUP, version=version, date=date)


@pytest.mark.parametrize(
    ("platform", "keys", "file", "wanted"),
    [
        ("windows-server-2019", INSTALLED, build("15.2.858.12"), "patched"),
        ("windows-server-2019", INSTALLED, build("15.2.858.10"), "vulnerable"),  # April 2021 closes two of the three
        ("windows-server-2019", INSTALLED, build("15.2.792.15"), "patched"),
        ("windows-server-2019", INSTALLED, build("15.2.792.13"), "vulnerable"),
        ("windows-server-2019", INSTALLED, build("15.2.2562.17"), "patched"),
        ("windows-server-2016", INSTALLED, build("15.1.2242.10"), "patched"),
        ("windows-server-2016", INSTALLED, build("15.1.2176.14"), "patched"),
        ("windows-server-2016", INSTALLED, build("15.1.2242.8"), "vulnerable"),
        ("windows-server-2016", INSTALLED, build("15.1.2507.6"), "patched"),
        ("windows-server-2016", INSTALLED, ABSENT, "undetermined"),  # it lies in another folder
        ("windows-server-2016", NOTHING, ABSENT, "not_present"),
        ("windows-server-2016", None, ABSENT, "undetermined"),
        ("windows-server-2012-r2", INSTALLED, build("15.0.1497.18"), "undetermined"),
        ("windows-server-2012-r2", NOTHING, ABSENT, "not_present"),
        ("windows10", NOTHING, ABSENT, "not_present"),
        ("linux", None, ABSENT, "not_present"),
    ],
)
def test_which_builds_have_the_fix(platform: str, keys: frozenset[str] | None, file: FileFact, wanted: str) -> None:
    facts = PatchFacts(platform=platform, keys=keys, files=(file,), components=None, web_server="10.0")
    assert PACK.vulnerability is not None
    answer = judge_patch(PACK.vulnerability, facts)
    assert answer.says == wanted, answer


PLANTED = '<virtualDirectory path="/{}" physicalPath="{}" />\r\n'


@pytest.mark.parametrize(
    ("folder", "found"),
    [
        ("C:\\ProgramData\\COM\\WHO", True),
        ("C:\\programdata\\COM1\\x", True),
        ("%ProgramData%\\ZING", True),
        ("C:\\Users\\All Users\\XYZ\\a", True),
        ("C:\\ProgramData\\Contoso\\web", False),
        ("C:\\ProgramData\\Company", False),
        ("C:\\inetpub\\wwwroot\\who", False),
    ],
)
def test_published_folders_of_intruders(tmp_path: Path, folder: str, found: bool) -> None:
    body = EXCHANGE.read_bytes()
    place = b"<virtualDirectory "
    write_config(tmp_path, APPLICATION_HOST, body.replace(place, PLANTED.format("x", folder).encode() + place, 1))
    findings = judge(collect(tmp_path), "proxyshell")
    named = {finding.indicator for finding in findings.values() if finding.pack == "proxyshell"}
    assert named == ({"rogue-directory"} if found else set()), findings


def test_an_exchange_server_as_it_was_installed_shows_nothing(tmp_path: Path) -> None:
    write_config(tmp_path, APPLICATION_HOST, EXCHANGE.read_bytes())
    assert not judge(collect(tmp_path), "proxyshell")
