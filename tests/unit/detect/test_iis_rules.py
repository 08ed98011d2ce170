import pytest

from codered.detect.iis_rules import is_named, lies_in, read_iis_rules, weigh

FACTS = {
    "drive-root", "letter-url", "write-execute", "never-place", "odd-place", "com-place", "siblings", "windows-place",
    "known", "known-elsewhere", "missing", "program-place", "native-place", "elsewhere", "unc", "shell", "interpreter",
    "loaded", "media", "text", "runs-code", "aspnet", "exposed", "unlisted-allowed", "webdav-on", "unknown-log-plugin",
}  # fmt: skip


def test_the_rules_speak_of_facts_that_there_are() -> None:
    table = read_iis_rules()
    used = {fact for rule in table.rules for fact in (*rule.when, *rule.unless)}
    assert used <= FACTS
    assert len({rule.id for rule in table.rules}) == len(table.rules)
    places = (*table.odd_places, *table.never_places, *table.native_places, *table.windows_places)
    assert all(place == place.lower() and place.startswith("?:\\") for place in places)
    assert all(url == url.lower() for known in table.known_directories for url in known.urls)
    assert {item.extension for item in table.exposures} == {
        ".ida", ".idq", ".htw", ".htr", ".printer", ".idc", ".stm", ".shtm", ".shtml",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "indicator", "confidence", "remedy"),
    [
        ({"drive-root"}, "published-drive", "suspicious", "remove_virtual_directory"),
        ({"drive-root", "write-execute"}, "published-drive", "likely", "remove_virtual_directory"),
        ({"write-execute", "missing", "known-elsewhere"}, "published-write-execute", "likely", None),
        ({"write-execute", "missing", "known"}, "published-write-execute", "suspicious", None),
        ({"odd-place", "known"}, "", "", None),
        ({"missing"}, "", "", None),
        ({"shell"}, "", "", None),
    ],
)  # fmt: skip
def test_facts_add_up(facts: set[str], indicator: str, confidence: str, remedy: str | None) -> None:
    verdict = weigh("directory", frozenset(facts))
    if not indicator:
        assert verdict is None
        return
    assert verdict is not None
    assert (verdict.rules[0].id, verdict.confidence, verdict.remedy) == (indicator, confidence, remedy)
    assert f"and more is {confidence})" in verdict.because
    assert "; told (weight" in (weigh("directory", frozenset(facts), "told") or verdict).because


def test_places_and_names() -> None:
    places = ("?:\\programdata\\com*", "\\\\.\\store", "?:\\users\\*\\temp")
    for path in ("c:\\programdata\\com", "z:\\programdata\\com5\\x", "\\\\.\\store\\a", "c:\\users\\me\\temp\\"):
        assert lies_in(path, places), path
    for path in (
        "c:\\programdata",
        "programdata\\com",
        "cc:\\programdata\\com",
        "c:\\users\\a\\b\\temp",
        "",
        "\\\\x\\store",
    ):
        assert not lies_in(path, places), path
    assert is_named("php7ts.dll", ("a", "php*ts.dll"))
    assert not is_named("xphp7ts.dll", ("a", "php*ts.dll"))
