from codered.cli.baseline_options import CompareOptions, CreateOptions, SignOptions
from tests.fixtures.saying import Say


def test_every_option_of_the_words_has_its_place(say: Say) -> None:
    for word, options in (("create", CreateOptions), ("compare", CompareOptions), ("sign", SignOptions)):
        shown = say("baseline", word, "--help").out
        fields = {field.removeprefix("as_").replace("_", "-") for field in options._fields}
        for field in fields - {"places", "baseline", "file"}:
            assert f"--{field}" in shown, (word, field)
