from pathlib import Path

from codered.packs.compiling import compile_packs
from codered.packs.examples import Example, list_examples
from codered.packs.loading import find_packs_folder, load_pack
from codered.scan.example_scan import scan_example


def test_every_form_of_example_is_scanned_as_what_it_is(tmp_path: Path) -> None:
    packs = tuple(load_pack(find_packs_folder() / name) for name in ("codered2", "kinsing", "nimda", "sadmind-iis"))
    rules = compile_packs(packs, None)
    chosen: dict[str, Example] = {}
    for loaded in packs:
        for example in list_examples(loaded):
            if example.kind == "hit":
                chosen.setdefault(example.form, example)
    assert set(chosen) >= {"log", "tree", "memory", "process", "traffic"}
    for form in ("log", "tree", "memory", "traffic"):
        assert scan_example(chosen[form], rules).findings, form
    assert {look.layer for look in scan_example(chosen["process"], rules).looks} == {"processes"}
