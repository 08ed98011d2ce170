from codered.export.scripts.steps import FileStep, KeyStep, LinesStep, MetabaseStep, ValueStep, name_step, text_of


def test_a_text_is_whole_and_on_one_line_or_none() -> None:
    assert text_of("c:\\,,217\0".encode("utf-16-le")) == "c:\\,,217"
    assert text_of(b"") == ""
    assert text_of("a\0b\0".encode("utf-16-le")) is None
    assert text_of("a\nb\0".encode("utf-16-le")) is None
    assert text_of(b"\x00\xd8") is None
    assert text_of(b"abc") is None


def test_every_step_has_a_name() -> None:
    assert name_step(FileStep(path="C:\\a", because="")) == "C:\\a"
    assert name_step(LinesStep(path="C:\\b", before="", after="", lines=(), because="")) == "C:\\b"
    assert name_step(ValueStep(key="HKLM\\A", name="", type=1, expects=(), because="")) == "HKLM\\A: (default)"
    assert name_step(KeyStep(key="HKLM\\A", keys=1, values=0, because="")) == "HKLM\\A"
    assert name_step(MetabaseStep(below="c", expects=(), because="")) == "/c of every site"
