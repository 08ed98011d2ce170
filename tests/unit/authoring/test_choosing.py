from codered.authoring.choosing import StringJudge, find_in_clean, looks_random, measure_entropy, pick, score
from codered.authoring.goodware import Nothing
from codered.authoring.orders import Mark
from codered.authoring.runs import find_runs


class Known(Nothing):
    def knows(self, text: bytes) -> bool:
        return text in (b"libgood_function", b"good_word")


def test_only_what_tells_the_threat_is_ranked() -> None:
    data = b"\0ZorkWorm.spreadOnce\0printf\0libgood_function\0jo@example.org\0aaaaaaaaaa\0"
    data += b"Global\\ZorkMutex\0in_clean_file\0"
    judge = StringJudge(Known(), [b"\0in_clean_file\0"])
    ranked = judge.rank(find_runs(data))
    assert [mark.text for mark in ranked] == [b"Global\\ZorkMutex", b"ZorkWorm.spreadOnce"]
    assert all(mark.ended and mark.why for mark in ranked)
    told = {choice.why for choice in judge.list_left_out()}
    assert told >= {
        "every program may hold it",
        "installed packages hold it",
        "personal: an e-mail address",
        "too even to tell anything",
        "a clean file holds it",
    }


def test_strange_words_tell_more_than_known_ones() -> None:
    assert score(b"zork_word", Known())[0] > score(b"good_word", Known())[0]
    assert measure_entropy(b"aaaa") == 0
    assert measure_entropy(b"abcd") == 2


def test_parts_of_one_another_are_not_chosen_twice() -> None:
    ranked = [Mark(b"zork one zork_two", score=50), Mark(b"zork_two", score=40), Mark(b"alpha_x", score=30)]
    assert [mark.text for mark in pick([*ranked, Mark(b"beta_xx")])] == [b"zork one zork_two", b"alpha_x", b"beta_xx"]
    long = [Mark(b"aa_word(bb_word, cc_word)", score=50), *(Mark(b"%s_word" % name) for name in (b"aa", b"bb", b"cc"))]
    assert {mark.text for mark in pick(long)} == {b"aa_word", b"bb_word", b"cc_word"}
    assert len(pick([Mark(b"name-%02d" % number) for number in range(20)])) == 8


def test_what_looks_random_is_chosen_only_where_nothing_else_is_left() -> None:
    noise, word = Mark(b"x7KpQz2w", score=90), Mark(b"zork_two", score=20)
    assert pick([noise, word]) == (word,)
    assert pick([noise]) == (noise,)
    for good in (b"Zork2Worm", b"MSG4you", b"zk_T9x", b"x7KpQz2wLongEnough", b"qwrtXpsd", b"KPQZ2W"):
        assert not looks_random(good), good


def test_marks_in_clean_files_are_named_with_the_file() -> None:
    marks = [Mark(b"in one"), Mark(b"wide", wide=True), Mark(b"in none")]
    clean = [("/a", b"this is in one of them"), ("/b", "wide".encode("utf-16le")), ("/c", b"in one")]
    assert find_in_clean(marks, clean) == {marks[0]: "/a", marks[1]: "/b"}
    assert find_in_clean([], clean) == {}
