from codered.detect.partial_packages import fold_missing_files
from codered.model.known_good import Deviation, DeviationKind, Truth
from codered.model.paths import FilePath


def tell(
    package: str, number: int, kind: DeviationKind = "missing", truth: Truth = "package-database"
) -> tuple[Deviation, ...]:
    return tuple(
        Deviation(kind=kind, truth=truth, path=FilePath(f"/r/{package}/{n}"), package=package) for n in range(number)
    )


def test_a_package_of_which_most_is_missing_is_told_once() -> None:
    other = tell("app", 2, "content")
    (first, *rest) = fold_missing_files((*tell("app", 60), *other), {"app": 100})
    assert rest == list(other)
    assert first.path == FilePath("/r/app/0")
    assert first.note == "most of its files are not here, 60 of 100: a partial tree?"


def test_a_few_missing_files_are_told_one_by_one() -> None:
    for told, compared in ((tell("app", 50), 100), (tell("app", 1), 1)):
        assert fold_missing_files(told, {"app": compared}) == told


def test_each_package_by_itself_and_never_what_a_baseline_says() -> None:
    told = (*tell("a", 9), *tell("b", 9), *tell("", 9), *tell("a", 9, truth="baseline"))
    kept = fold_missing_files(told, {"a": 9, "b": 100, "": 1})
    assert kept == (kept[0], *told[9:])
    assert "9 of 9" in kept[0].note
