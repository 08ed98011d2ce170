"""A pack, broken in one place, as its checks see it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from codered.packs.loading import load_pack
from codered.packs.problems import CheckedPack
from codered.packs.rule_source import read_rules
from codered.packs.strict_yaml import read_document


@pytest.fixture
def checked_pack(write_pack: Callable[..., Path]) -> Callable[..., CheckedPack]:
    """Writes a pack with edits, and gives it as a CheckedPack."""

    def make(*edits: tuple[str, str, str], name: str = "demo") -> CheckedPack:
        loaded = load_pack(write_pack(*edits, name=name))
        return CheckedPack(loaded, read_document(Path(loaded.folder) / "pack.yaml"), read_rules(loaded))

    return make
