from datetime import UTC, datetime, timedelta, timezone

from codered.export.writing.stix_parts import clean_text, name_object, show_time


def test_ids_texts_and_times() -> None:
    assert name_object("malware", "a") == name_object("malware", "a")
    assert name_object("malware", "a").startswith("malware--")
    assert clean_text("a\udcff") == "a\\udcff"
    assert clean_text("") == "?"
    assert len(clean_text("x" * 9999)) == 4096
    assert show_time(datetime(2001, 7, 19, 1, 2, 3, 456789, tzinfo=UTC)) == "2001-07-19T01:02:03.456Z"
    assert show_time(datetime(2001, 7, 19, 1, tzinfo=timezone(timedelta(hours=2)))) == "2001-07-18T23:00:00.000Z"
