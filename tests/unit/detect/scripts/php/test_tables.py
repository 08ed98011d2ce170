from codered.detect.scripts.encoded import DECODERS
from codered.detect.scripts.php.tables import TABLES


def test_names_are_small_and_decoders_exist() -> None:
    assert all(name == name.lower() for name in (*TABLES.command, *TABLES.callback, *TABLES.read, *TABLES.harmless))
    assert {step for steps in TABLES.decode.values() for step in steps} <= set(DECODERS)
