import pytest
from msgspec.structs import replace

from codered.detect.files import HitFacts, make_findings
from codered.detect.places import PlaceHit
from codered.detect.signatures import ContentHit
from codered.model.finding import Evidence, Subject
from codered.model.indicators import ContentIndicator, FileIndicator
from codered.model.observation import FileSeen
from tests.fixtures.small_packs import content_indicator, file_indicator

SEEN = FileSeen(path=b"/mnt/c/root.exe", shown="C:\\root.exe", windows=True, size=3)
HASH = "ab" * 32
FACTS = HitFacts(HASH)
PROOF = Evidence(what="string $a of rule r", data=b"INERT", offset=7)


def place(**fields: object) -> PlaceHit:
    indicator: FileIndicator = file_indicator(**fields)  # type: ignore[arg-type]
    return PlaceHit("inert", indicator)


def content(rule: str = "r", pack: str = "inert", indicator: ContentIndicator | None = None) -> ContentHit:
    return ContentHit(pack, indicator, rule, (PROOF,))


def test_a_place_alone_can_be_enough() -> None:
    hit = place(attack=("T1505.003",), shared_by=("kin",))
    (finding,) = make_findings(SEEN, [hit], [], FACTS)
    assert (finding.pack, finding.indicator, finding.layer) == ("inert", "place", "files")
    assert finding.subject == Subject(kind="file", path="/mnt/c/root.exe", shown="C:\\root.exe")
    assert (finding.confidence, finding.severity) == ("likely", "high")
    assert (finding.attack, finding.shared_by) == (("T1505.003",), ("kin",))
    assert finding.because == hit.indicator.because
    assert finding.evidence == (
        Evidence(what="lies at C:\\root.exe"),
        Evidence(what="the whole file", sha256=HASH, size=3),
    )


def test_a_folder_has_no_content_to_prove() -> None:
    (finding,) = make_findings(replace(SEEN, size=None), [place(kind="directory")], [], HitFacts())
    assert finding.subject.kind == "directory"
    assert finding.evidence == (Evidence(what="lies at C:\\root.exe"),)


def test_a_fitting_size_is_part_of_the_proof() -> None:
    (finding,) = make_findings(SEEN, [place(sizes=(3, 4))], [], FACTS)
    assert finding.evidence[0].what == "lies at C:\\root.exe; is 3 bytes long"


@pytest.mark.parametrize(("hashes", "count"), [((HASH,), 1), (("cd" * 32, HASH), 1), (("cd" * 32,), 0)])
def test_a_place_that_asks_for_a_hash(hashes: tuple[str, ...], count: int) -> None:
    findings = make_findings(SEEN, [place(sha256=hashes)], [], FACTS)
    assert len(findings) == count
    assert all("has the hash the pack names" in finding.evidence[0].what for finding in findings)


@pytest.mark.parametrize(
    ("contents", "count"),
    [
        ([], 0),
        ([content("other")], 0),
        ([content("r", pack="kin")], 0),
        ([content("r")], 1),
        ([content("other"), content("s")], 1),
    ],
)
def test_a_place_that_asks_for_a_rule(contents: list[ContentHit], count: int) -> None:
    findings = make_findings(SEEN, [place(content=("r", "s"))], contents, FACTS)
    assert len(findings) == count
    assert all(PROOF in finding.evidence for finding in findings)


def test_hash_and_rule_must_both_fit_when_both_are_asked_for() -> None:
    hit = place(sha256=(HASH,), content=("r",))
    assert make_findings(SEEN, [hit], [], FACTS) == []
    assert make_findings(SEEN, [hit], [content()], HitFacts("cd" * 32)) == []
    assert len(make_findings(SEEN, [hit], [content()], FACTS)) == 1


@pytest.mark.parametrize(
    ("same_as", "twins", "confidence"),
    [
        (("?:\\cmd.exe",), {"?:\\cmd.exe": "C:\\cmd.exe"}, "confirmed"),
        (("?:\\cmd.exe",), {}, "likely"),
        (("?:\\other.exe",), {"?:\\cmd.exe": "C:\\cmd.exe"}, "likely"),
        ((), {"?:\\cmd.exe": "C:\\cmd.exe"}, "likely"),
    ],
)
def test_the_same_content_as_a_system_file_confirms(
    same_as: tuple[str, ...], twins: dict[str, str], confidence: str
) -> None:
    (finding,) = make_findings(SEEN, [place(same_as=same_as)], [], HitFacts(HASH, twins))
    assert finding.confidence == confidence
    assert ("has the same content as C:\\cmd.exe" in finding.evidence[0].what) == (confidence == "confirmed")


def test_content_makes_a_finding_wherever_the_file_lies() -> None:
    indicator = content_indicator(rule="r", confidence="suspicious")
    (finding,) = make_findings(SEEN, [], [content(indicator=indicator)], FACTS)
    assert (finding.indicator, finding.confidence) == ("content", "suspicious")
    assert finding.evidence == (PROOF, Evidence(what="the whole file", sha256=HASH, size=3))


def test_a_rule_that_only_backs_places_makes_no_finding() -> None:
    assert make_findings(SEEN, [], [content()], FACTS) == []


def test_place_and_content_are_two_findings_and_a_repeated_place_is_one() -> None:
    hits = [place(), place()]
    findings = make_findings(SEEN, hits, [content(indicator=content_indicator(rule="r"))], FACTS)
    assert [finding.indicator for finding in findings] == ["place", "content"]
    assert findings[0].id != findings[1].id


def test_ids_hang_on_pack_indicator_and_exact_path_only() -> None:
    def id_of(path: bytes = SEEN.path, pack: str = "inert", name: str = "place", size: int = 3) -> str:
        hit = PlaceHit(pack, file_indicator(name))
        return make_findings(replace(SEEN, path=path, size=size), [hit], [], FACTS)[0].id

    assert id_of() == id_of(size=4)
    assert len({id_of(), id_of(pack="kin"), id_of(name="other"), id_of(b"/x")}) == 4
    assert id_of(b"/mnt/\xff") != id_of(rb"/mnt/\xff"), "two files that look alike in print"


def test_an_odd_name_keeps_its_bytes() -> None:
    odd = FileSeen(path=b"/tmp/\xff\n", shown=None, windows=False, size=0)
    (finding,) = make_findings(odd, [place()], [], FACTS)
    assert finding.subject.file_path().to_bytes() == b"/tmp/\xff\n"
    assert finding.evidence[0].what == "lies at /tmp/\\xff\n"
