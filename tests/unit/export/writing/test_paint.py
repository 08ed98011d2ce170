from codered.export.writing.paint import SHADE_OF_CONFIDENCE, SHADE_OF_VERDICT, Paint
from codered.model.finding import CONFIDENCES


def test_off_changes_nothing() -> None:
    paint = Paint(colour=False)
    assert paint.shade("x", "red") == "x"
    assert paint.shade_start(["x y"], "x", "red") == ["x y"]
    assert paint.head("Title") == ["", "Title", "-----"]


def test_on_wraps_the_start_only() -> None:
    paint = Paint(colour=True)
    assert paint.shade_start(["x y", "z"], "x", "green") == ["\x1b[1;32mx\x1b[0m y", "z"]
    assert paint.shade_start(["y x"], "x", "green") == ["y x"]
    assert paint.shade_start([], "x", "green") == []
    assert paint.shade("", "red") == ""


def test_every_verdict_and_confidence_has_its_shade() -> None:
    assert set(SHADE_OF_VERDICT) == {"infected", "suspicious", "attacked", "vulnerable", "clean", "incomplete"}
    assert set(SHADE_OF_CONFIDENCE) == set(CONFIDENCES)
