"""docs/schemas/ is what the nouns say today."""

import msgspec
import pytest

from codered.model.journal import Entry
from codered.model.pack import ThreatPack
from scripts import make_schemas


def test_schemas_are_fresh() -> None:
    assert make_schemas.find_stale() == [], "run scripts/make-schemas and read the difference"


def test_nothing_else_lies_there() -> None:
    assert {path.name for path in make_schemas.FOLDER.iterdir()} == set(make_schemas.build_schemas())


def test_schemas_are_the_same_each_time() -> None:
    assert make_schemas.build_schemas() == make_schemas.build_schemas()


@pytest.mark.parametrize("name", ["report", "plan", "journal"])
def test_documents_name_their_format(name: str) -> None:
    schema = msgspec.json.decode(make_schemas.build_schemas()[f"{name}.schema.json"])
    noun = schema["$defs"][schema["$ref"].rpartition("/")[2]]
    assert noun["properties"]["format"] == {"enum": [f"codered/{name}/1"]}
    assert "format" in noun["required"]


def test_schemas_hold_every_field() -> None:
    schemas = make_schemas.build_schemas()
    for name, noun in (("journal", Entry), ("pack", ThreatPack)):
        properties = msgspec.json.decode(schemas[f"{name}.schema.json"])["$defs"][noun.__name__]["properties"]
        assert set(noun.__struct_fields__) <= set(properties)
