from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from codered.model.finding import Finding, Subject
from codered.model.pack import LoadedPack
from codered.model.report import Look, Report
from codered.model.target import TargetInfo
from codered.packs.examples import Example, Expected
from codered.packs.loading import load_pack
from codered.packs.testing import Failure, check_examples, compare

FILE = Finding(
    id="f", pack="demo", indicator="dropped", layer="files", confidence="likely", severity="high", because="b",
    subject=Subject(kind="file", path="/tmp/x/C/inetpub/scripts/demo.exe", shown=r"C:\inetpub\scripts\demo.exe"),
)  # fmt: skip
LOG = Finding(
    id="l", pack="demo", indicator="demo-request", layer="logs", confidence="confirmed", severity="high", because="b",
    subject=Subject(kind="address", address="192.0.2.1"), count=2,
)  # fmt: skip
RIGHT: dict[str, tuple[Finding, ...]] = {"hit/requests.log": (LOG,), "hit/volume.tree.yaml": (FILE,)}


@pytest.fixture
def demo(write_pack: Callable[..., Path]) -> LoadedPack:
    return load_pack(write_pack())


def report(findings: tuple[Finding, ...], looks: tuple[Look, ...] = ()) -> Report:
    return Report(
        id="r", tool="t", command=(), started=datetime.now(UTC), seconds=0.0, scope=(), verdict="clean",
        target=TargetInfo(kind="offline_root", root="/tmp/x"), findings=findings, looks=looks,
    )  # fmt: skip


def check(demo: LoadedPack, given: Mapping[str, tuple[Finding, ...]]) -> list[str]:
    return [str(failure) for failure in check_examples(demo, lambda example: report(given.get(example.name, ())))]


def change(finding: Finding, **fields: object) -> Finding:
    return msgspec.structs.replace(finding, **fields)


def test_what_is_expected_is_no_failure(demo: LoadedPack) -> None:
    assert check(demo, RIGHT) == []


def test_a_missing_finding(demo: LoadedPack) -> None:
    assert check(demo, RIGHT | {"hit/requests.log": ()}) == ["hit/requests.log: did not give demo-request at 192.0.2.1"]


@pytest.mark.parametrize(
    ("name", "found", "word"),
    [
        ("hit/requests.log", change(LOG, count=3), "2 requests were expected, not 3"),
        ("hit/volume.tree.yaml", change(FILE, confidence="confirmed"), "but likely was expected"),
    ],
)
def test_a_different_finding(demo: LoadedPack, name: str, found: Finding, word: str) -> None:
    (failure,) = check(demo, RIGHT | {name: (found,)})
    assert word in failure


@pytest.mark.parametrize(
    "found",
    [
        change(LOG, subject=Subject(kind="address", address="192.0.2.2")),
        change(LOG, indicator="demo-sent"),
        change(LOG, pack="other"),
    ],
)
def test_another_finding_is_missing_and_too_much(demo: LoadedPack, found: Finding) -> None:
    failures = check(demo, RIGHT | {"hit/requests.log": (found,)})
    assert len(failures) == 2
    assert "did not give demo-request" in failures[0]
    assert "does not list" in failures[1]


def test_a_path_must_end_at_a_name(demo: LoadedPack) -> None:
    wanted = (Expected(indicator="dropped", path="demo.exe"),)
    assert compare(demo, wanted, (FILE,)) == []
    assert len(compare(demo, (Expected(indicator="dropped", path="emo.exe"),), (FILE,))) == 2


def test_each_finding_serves_one_expectation_whatever_their_order(demo: LoadedPack) -> None:
    wanted = (Expected(indicator="dropped", path="demo.exe"), Expected(indicator="dropped", path="demo.exe"))
    assert len(compare(demo, wanted, (FILE,))) == 1
    sure = change(FILE, confidence="confirmed")
    exact = (Expected(indicator="dropped"), Expected(indicator="dropped", confidence="confirmed"))
    for findings in ((FILE, sure), (sure, FILE)):
        assert compare(demo, exact, findings) == []
        assert compare(demo, tuple(reversed(exact)), findings) == []


def test_a_clean_example_gives_nothing_from_any_pack(demo: LoadedPack) -> None:
    (failure,) = check(demo, RIGHT | {"clean/ordinary.log": (change(LOG, pack="other"),)})
    assert failure == "clean/ordinary.log: is clean, but gave confirmed other/demo-request at 192.0.2.1"


def test_what_could_not_be_looked_at_is_a_failure(demo: LoadedPack) -> None:
    def scan(example: Example) -> Report:
        looks = (
            Look(layer="files", where="/x", state="failed", why="gave up"),
            Look(layer="memory", where="/x", state="unsupported", why="not here"),
        )
        return report(RIGHT.get(example.name, ()), looks if example.kind == "clean" else ())

    assert check_examples(demo, scan) == (Failure("clean/ordinary.log", "was not looked at: /x: gave up"),)


def test_the_layer_of_a_finding_is_compared(demo: LoadedPack) -> None:
    assert compare(demo, (Expected(indicator="dropped", layer="files"),), (FILE,)) == []
    (failure,) = compare(demo, (Expected(indicator="dropped", layer="autostart"),), (FILE,))
    assert "the layer autostart was expected, not files" in failure
    both = (change(FILE, layer="autostart"), FILE)
    wanted = (Expected(indicator="dropped"), Expected(indicator="dropped", layer="autostart"))
    assert compare(demo, wanted, both) == []


def test_what_a_scan_can_not_offer_is_not_asked_for(write_pack: Callable[..., Path]) -> None:
    edit = ("expected.json", '"confidence": "likely"}', '"confidence": "likely", "layer": "files"}')
    demo = load_pack(write_pack(edit))

    def scan(example: Example, *looks: Look) -> Report:
        return report(RIGHT["hit/requests.log"] if example.form == "log" and example.kind == "hit" else (), looks)

    beyond = Look(layer="files", where="/x", state="unsupported", why="not here")
    assert check_examples(demo, lambda example: scan(example, beyond)) == ()
    (failure,) = check_examples(demo, scan)
    assert failure.what == "did not give dropped at C/inetpub/scripts/demo.exe"


def test_every_hit_example_is_listed_and_every_listed_one_exists(write_pack: Callable[..., Path]) -> None:
    demo = load_pack(write_pack(("expected.json", '"hit/requests.log"', '"hit/other.log"')))
    failures = check(demo, RIGHT)
    assert any("hit/requests.log: has no entry in expected.json" in failure for failure in failures)
    assert any("hit/other.log: is expected, but there is no such hit example" in failure for failure in failures)


def test_a_shared_sign_counts_for_each_pack_that_shares_it(write_pack: Callable[..., Path]) -> None:
    shared = ("pack.yaml", "platform: windows\n", "platform: windows\n    shared_by: [other]\n")
    demo = load_pack(write_pack(shared))
    wanted = (Expected(indicator="dropped", path="demo.exe"),)
    unattributed = change(FILE, pack="unattributed", shared_by=("demo", "other"))
    assert compare(demo, wanted, (unattributed,)) == []
    assert compare(demo, wanted, (change(unattributed, indicator="theirs"),)) == []
    assert len(compare(demo, wanted, (change(unattributed, shared_by=("other", "third")),))) == 2


def test_an_unshared_sign_is_not_met_by_what_others_share(demo: LoadedPack) -> None:
    found = change(FILE, pack="unattributed", shared_by=("demo", "other"), indicator="theirs")
    assert len(compare(demo, (Expected(indicator="dropped"),), (found,))) == 2


def test_another_packs_finding_may_be_expected_by_name(demo: LoadedPack) -> None:
    theirs = change(FILE, pack="other", indicator="theirs")
    assert compare(demo, (Expected(indicator="theirs", pack="other"),), (theirs,)) == []
