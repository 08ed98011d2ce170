import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from codered.model.errors import WrongUse
from codered.packs import rule_sets
from codered.packs.compiling import compile_packs
from codered.packs.loading import load_pack
from codered.packs.rule_sets import digest_packs, read_rules
from tests.unit.packs.conftest import WritePack


def test_what_was_compiled_is_read_back(write_pack: WritePack, tmp_path: Path) -> None:
    packs = (load_pack(write_pack()),)
    assert read_rules(packs, tmp_path / "cache") is None
    made = compile_packs(packs, tmp_path / "cache")
    assert read_rules(packs, tmp_path / "cache") == made
    assert made.digest == digest_packs(packs)


def test_two_packs_of_one_name_are_refused(write_pack: WritePack, tmp_path: Path) -> None:
    loaded = load_pack(write_pack())
    with pytest.raises(WrongUse, match="a second pack"):
        read_rules((loaded, loaded), tmp_path)


def test_a_warm_start_never_loads_the_rule_reader() -> None:
    told = "import sys, codered.packs.rule_sets; sys.exit('plyara' in sys.modules)"
    source = str(Path(__file__).parents[3] / "src")
    subprocess.run([sys.executable, "-c", f"import sys; sys.path.insert(0, {source!r}); {told}"], check=True)


def test_the_digest_follows_every_pack_and_the_engine(write_pack: WritePack, monkeypatch: pytest.MonkeyPatch) -> None:
    one = load_pack(write_pack())
    two = load_pack(write_pack(name="two"))
    assert digest_packs((one, two)) == digest_packs((two, one))
    assert digest_packs((one,)) != digest_packs((one, two))
    changed = msgspec.structs.replace(one, digest="0" * 64)
    assert digest_packs((changed,)) != digest_packs((one,))
    before = digest_packs((one,))
    monkeypatch.setattr(rule_sets, "ENGINE_VERSION", "another")
    assert digest_packs((one,)) != before
