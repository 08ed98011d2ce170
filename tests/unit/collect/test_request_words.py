from codered.collect.request_words import WORD, load_request_words


def test_words() -> None:
    assert all(len(word) == WORD for word in load_request_words())
    assert {b"GET ", b"POST", b"SEAR"} <= load_request_words()
