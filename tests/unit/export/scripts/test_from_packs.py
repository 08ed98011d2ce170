from pathlib import Path

from codered.export.scripts.from_packs import encode_value, list_metabase_steps, make_from_packs
from codered.export.scripts.steps import ROLES, FileStep, MetabaseStep, ValueStep, name_step
from codered.model.registry import REG_DWORD, REG_SZ
from codered.packs.loading import load_packs

PACKS = load_packs(Path(__file__).parents[4] / "packs")
CRII = tuple(item for item in PACKS if item.pack.name == "codered2")


def test_the_published_procedure_of_code_red_2_in_its_order() -> None:
    script = make_from_packs(CRII, "iis5")
    names = [name_step(step) for step in script.steps]
    places = ["C:\\explorer.exe", "D:\\explorer.exe", "C:\\inetpub\\scripts\\root.exe", "/c of every site",
              "/MSADC of every site"]  # fmt: skip
    assert [names.index(place) for place in places] == sorted(names.index(place) for place in places)
    flags = {step.below: step.flags for step in script.steps if isinstance(step, MetabaseStep)}
    assert flags == {"c": None, "d": None, "Scripts": 513, "MSADC": 517}
    sfc = next(step for step in script.steps if isinstance(step, ValueStep) and step.name == "SFCDisable")
    assert (sfc.expects, sfc.sets) == ((b"\x9d\xff\xff\xff",), bytes(4))
    root = next(step for step in script.steps if name_step(step) == "C:\\inetpub\\scripts\\root.exe")
    assert isinstance(root, FileStep)
    assert "C:\\winnt\\system32\\cmd.exe" in root.twins
    assert any(item.what == "codered2: worm-in-memory" for item in script.by_hand)


def test_nothing_that_a_pack_forbids_or_only_suspects_is_in_any_role() -> None:
    for role in ROLES:
        script = make_from_packs(PACKS, role)
        paths = {step.path.lower() for step in script.steps if isinstance(step, FileStep)}
        forbidden = [
            rule.path.lower().replace("?", "c", 1)
            for item in PACKS
            for rule in (item.pack.removal.must_not_touch if item.pack.removal else ())
        ]
        assert not paths & set(forbidden)
        assert not any("riched20" in path or "httpodbc" in path or "*" in path for path in paths)
        assert len(set(script.steps)) == len(script.steps)
        old = role in ("iis4", "iis5", "iis6")
        assert any(isinstance(step, MetabaseStep) for step in script.steps) == old
        run = [step for step in script.steps if isinstance(step, ValueStep) and step.name == "Domain Manager"]
        assert len(run) == 1


def test_metabase_settings_come_in_the_order_of_the_steps() -> None:
    assert [step.below for step in list_metabase_steps(CRII)] == ["c", "d", "Scripts", "MSADC"]


def test_a_text_of_a_pack_as_data() -> None:
    assert encode_value(REG_DWORD, "0xffffff9d") == b"\x9d\xff\xff\xff"
    assert encode_value(REG_SZ, "a") == b"a\0\0\0"
