from codered.authoring.file_parts import choose_names, draft_files
from codered.authoring.goodware import Nothing
from codered.authoring.orders import Sample


class Known(Nothing):
    def knows(self, text: bytes) -> bool:
        return text == b"honest-tool"


def test_everyday_names_are_not_looked_for() -> None:
    names, refused = choose_names(
        ["zorkd", "sample1.bin", "index.php", "a.exe", "d41d8cd98f00b204e9800998ecf8427e", "honest-tool", "b\x1b.x"],
        Known(),
    )
    assert names == ("zorkd",)
    assert len(refused) == 6


def test_samples_are_known_by_size_and_hash() -> None:
    sample = Sample("zorkd", 7, "ab" * 32, b"content")
    known, named = draft_files("zork", (sample, Sample("sample", 9, "", b"x")), Nothing())
    assert known.sign["sha256"] == ["ab" * 32]
    assert known.sign["sizes"] == [7]
    assert known.files == ()
    assert named.sign["names"] == ["zorkd"]
    assert named.files[0].path == "srv/zork/names/zorkd"
    (alone,) = draft_files("zork", (Sample("sample", 9, "cd" * 32, b"x"),), Nothing())
    assert any("everyday" in choice.why for choice in alone.choices)
