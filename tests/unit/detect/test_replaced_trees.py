from codered.detect.replaced_trees import FEWEST, fold_replaced_trees
from codered.model.known_good import Deviation, DeviationKind, Truth
from codered.model.paths import FilePath

NPM = "/usr/lib/node_modules/npm"


def deviate(path: str, kind: DeviationKind = "content", truth: Truth = "package-database") -> Deviation:
    return Deviation(kind=kind, truth=truth, path=FilePath(path), package="nodejs")


def renewed(count: int = FEWEST, tree: str = NPM, truth: Truth = "package-database") -> tuple[Deviation, ...]:
    """A manifest, a file that is gone, and others that differ."""
    others = [deviate(f"{tree}/lib/{number}.js", truth=truth) for number in range(count - 2)]
    return (deviate(f"{tree}/package.json", truth=truth), deviate(f"{tree}/gone.js", "missing", truth), *others)


def test_a_tree_that_another_installer_renewed_is_told_once() -> None:
    page = deviate("/usr/share/wordpress/wp-load.php")
    told = fold_replaced_trees((*renewed(), page))
    assert [item.path.text for item in told if item.path] == [
        page.path.text if page.path else "",
        f"{NPM}/package.json",
    ]
    assert f"{FEWEST - 1} more files" in told[1].actual


def test_a_tree_with_a_scope_is_one_tree() -> None:
    (told,) = fold_replaced_trees(renewed(tree="/usr/share/node_modules/@angular/core"))
    assert told.path == FilePath("/usr/share/node_modules/@angular/core/package.json")


def test_what_is_no_renewal_is_told_file_by_file() -> None:
    without_manifest = (*renewed()[1:], deviate(f"{NPM}/lib/more.js"))
    nothing_gone = tuple(item for item in renewed(FEWEST + 1) if item.kind != "missing")
    inner_manifest_only = tuple(deviate(f"{NPM}/node_modules/x/package.json") for _ in range(1)) + without_manifest
    pages = tuple(deviate(f"/usr/share/wordpress/{number}.php") for number in range(100))
    for told in (renewed(FEWEST - 1), without_manifest, nothing_gone, inner_manifest_only, pages):
        assert fold_replaced_trees(told) == told


def test_a_baseline_is_never_folded() -> None:
    told = renewed(truth="baseline")
    assert fold_replaced_trees(told) == told
