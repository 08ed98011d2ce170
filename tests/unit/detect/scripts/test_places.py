from codered.detect.scripts.places import find_place_facts


def test_places() -> None:
    assert set(find_place_facts("/www/images/a.php.jpg", b"GIF89a")) == {
        "lies-among-pictures",
        "named-as-picture",
        "starts-as-picture",
    }
    assert set(find_place_facts("C:\\www\\upload\\.x.php", b"")) == {"lies-among-uploads", "named-hidden"}
    assert not set(find_place_facts("/www/index.php", b"<?php"))
