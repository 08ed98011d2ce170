from codered.detect.scripts.facts import Script, load_vocabulary
from codered.detect.scripts.reading import READERS, read_facts


def test_each_reader_gives_facts_of_the_vocabulary() -> None:
    for language in READERS:
        assert set(read_facts(Script(language, "<?php die('inert'); eval($_GET['x']); ?>"))) <= set(load_vocabulary())


def test_a_language_without_a_reader_gives_nothing() -> None:
    assert "runs-request-code" in read_facts(Script("php", "<?php die('inert'); eval($_GET['x']);"))
