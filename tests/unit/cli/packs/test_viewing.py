from datetime import date

import msgspec
import pytest
from msgspec.structs import replace

from codered.cli.packs import viewing
from codered.model.pack import LoadedPack, ThreatPack
from codered.packs.loading import find_packs_folder, load_packs
from tests.fixtures.small_packs import make_pack

SHIPPED = load_packs(find_packs_folder())


def test_a_line_a_pack() -> None:
    head, *lines = viewing.list_as_text(SHIPPED).splitlines()
    assert head.split() == ["pack", "version", "first", "seen", "signs", "title"]
    for loaded, line in zip(SHIPPED, lines, strict=True):
        pack = loaded.pack
        name, version, seen, signs = line.split()[:4]
        assert (name, version, date.fromisoformat(seen)) == (pack.name, pack.version, pack.active.first_seen)
        assert int(signs) == len(pack.indicators())
        assert len(line) <= viewing.WIDTH


def test_the_list_as_json() -> None:
    rows = msgspec.json.decode(viewing.list_as_json(SHIPPED))
    assert [(row["name"], row["digest"]) for row in rows] == [(each.pack.name, each.digest) for each in SHIPPED]


@pytest.mark.parametrize("loaded", SHIPPED, ids=lambda loaded: loaded.pack.name)
def test_a_page_names_every_sign_and_step_and_fits(loaded: LoadedPack) -> None:
    text = viewing.show_as_text(loaded)
    pack = loaded.pack
    assert text.startswith(f"{pack.title} ({pack.name} {pack.version}")
    assert all(f"  {indicator.id} ({indicator.confidence}): " in text for indicator in pack.indicators())
    assert all(cve in text for cve in pack.cves)
    assert max(map(len, text.splitlines())) <= viewing.WIDTH
    assert text.endswith(f"digest {loaded.digest}")
    if pack.removal:
        assert text.count("  never touch ") == len(pack.removal.must_not_touch)
        assert f"  {len(pack.removal.steps)}. {pack.removal.steps[-1].action} (" in text


def test_a_pack_as_json_is_the_pack() -> None:
    for loaded in SHIPPED:
        assert msgspec.json.decode(viewing.show_as_json(loaded), type=ThreatPack) == loaded.pack


def test_a_pack_with_nothing_in_it_has_a_page_too() -> None:
    loaded = make_pack()
    assert viewing.show_as_text(replace(loaded, digest="d")).endswith("sources: \ndigest d")
