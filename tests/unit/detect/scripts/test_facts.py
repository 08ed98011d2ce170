from codered.detect.scripts.facts import Fact, load_vocabulary


def test_the_vocabulary_says_what_each_fact_means() -> None:
    words = load_vocabulary()
    assert Fact("tiny").name in words
    assert all(len(meaning) > 10 and not meaning.endswith(".") for meaning in words.values())
