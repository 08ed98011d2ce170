import re

from codered.detect.scripts.facts import load_vocabulary
from codered.detect.scripts.java.tables import load_tables


def test_the_tables_hold_together() -> None:
    tables = load_tables()
    assert set(tables.file_facts) <= load_vocabulary().keys()
    assert tables.markup.keys() <= load_vocabulary().keys()
    assert not tables.own_facts & load_vocabulary().keys()
    for pattern in (*tables.script_names, *tables.markup.values(), tables.interpreters):
        re.compile(pattern)
    assert tables.calls["exec"].of == {"Runtime"}
