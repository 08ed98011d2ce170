import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codered.detect.advisories import NO_RELEASE, find_fixed, is_of, judge_advisories, read_osv_names
from codered.detect.versions import Scheme
from codered.model.advisories import (
    Advisory,
    AdvisoryLink,
    AdvisoryRating,
    Affected,
    AffectedName,
    Event,
    VersionRange,
)
from codered.model.patches import Ecosystem, InstalledComponent, InstalledPackage, PatchFacts
from codered.model.paths import FilePath

BIN = InstalledPackage("dpkg", "apache2-bin", "2.4.57-2+b1", "amd64", "apache2", "2.4.57-2")


def affected(
    ecosystem: str, name: str, *events: Event, kind: str = "ECOSYSTEM", versions: tuple[str, ...] = ()
) -> Affected:
    ranges = (VersionRange(kind, events),) if events else ()
    return Affected(AffectedName(ecosystem, name), ranges, versions)


def debian(*packages: InstalledPackage, release: str = "12") -> PatchFacts:
    return PatchFacts(platform="linux", distribution="debian", release=release, packages=packages)


def component(ecosystem: Ecosystem, name: str, version: str, package: str = "") -> PatchFacts:
    found = InstalledComponent(ecosystem, name, version, FilePath("/srv/x"), package)
    return PatchFacts(platform="linux", packages=(), components=(found,))


def says(part: Affected, facts: PatchFacts) -> list[tuple[str, str, str]]:
    answers = judge_advisories((Advisory("A-1", "a hole", affected=(part,)),), facts)
    return [(one.name, one.version, one.fixed) for answer in answers for one in answer.subjects]


def test_a_distribution_names_the_source() -> None:
    part = affected("Debian:12", "apache2", Event(introduced="0"), Event(fixed="2.4.62-1~deb12u1"))
    assert says(part, debian(BIN)) == [("apache2-bin", "2.4.57-2+b1", "2.4.62-1~deb12u1")]
    (answer,) = judge_advisories((Advisory("A-1", affected=(part,)),), debian(BIN))
    assert answer.subjects[0].by_source
    fixed = InstalledPackage("dpkg", "apache2-bin", "2.4.62-1~deb12u1", "amd64", "apache2", "2.4.62-1~deb12u1")
    assert says(part, debian(fixed)) == []


@pytest.mark.parametrize(
    ("ecosystem", "release", "wanted"),
    [
        ("Debian:12", "12", True),
        ("Debian:12", "12.5", True),
        ("Debian", "12", True),
        ("Debian:11", "12", False),
        ("Debian:1", "12", False),
        ("Ubuntu:12", "12", False),
        ("Debian:sid", "12", False),
        ("npm", "12", False),
    ],
)
def test_of_which_release_it_speaks(ecosystem: str, release: str, wanted: bool) -> None:
    assert is_of(ecosystem, BIN, debian(BIN, release=release)) is wanted


def test_an_unknown_release_leaves_it_open() -> None:
    part = affected("Debian:12", "apache2", Event(introduced="0"), Event(fixed="2.4.62-1~deb12u1"))
    for facts in (debian(BIN, release=""), PatchFacts(platform="linux", packages=(BIN,))):
        (answer,) = judge_advisories((Advisory("A-1", affected=(part,)),), facts)
        assert (answer.says, answer.subjects[0].says) == ("undetermined", "undetermined")
        assert NO_RELEASE in answer.because
    fixed = InstalledPackage("dpkg", "apache2-bin", "2.4.62-1~deb12u1", "amd64", "apache2", "2.4.62-1~deb12u1")
    assert judge_advisories((Advisory("A-1", affected=(part,)),), debian(fixed, release="")) == ()
    assert is_of("npm", BIN, PatchFacts(platform="linux")) is False


def test_names_of_other_distributions() -> None:
    package = InstalledPackage("rpm", "httpd", "2.4.57-5.el9", "x86_64")
    facts = PatchFacts(platform="linux", distribution="rocky", release="9.3", packages=(package,))
    part = affected("Rocky Linux:9", "httpd", Event(introduced="0"), Event(fixed="0:2.4.57-8.el9"))
    assert says(part, facts) == [("httpd", "2.4.57-5.el9", "0:2.4.57-8.el9")]
    ubuntu = PatchFacts(platform="linux", distribution="ubuntu", release="22.04")
    assert is_of("Ubuntu:22.04:LTS", BIN, ubuntu)
    assert not is_of("Ubuntu:20.04:LTS", BIN, ubuntu)
    assert read_osv_names().ratings["moderate"] == "medium"


EVENTS = (
    Event(introduced="0"), Event(fixed="1.2.0"), Event(introduced="2.0.0-beta.1"), Event(last_affected="2.3.0"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("version", "wanted"),
    [
        ("0.0.1-alpha", (True, "1.2.0")),
        ("1.1.9", (True, "1.2.0")),
        ("1.2.0", (False, "")),
        ("2.0.0-alpha.9", (False, "")),
        ("2.0.0-beta.1", (True, "")),
        ("2.3.0", (True, "")),
        ("2.3.1", (False, "")),
    ],
)
def test_ranges_by_the_rules_of_osv(version: str, wanted: tuple[bool, str]) -> None:
    for events in (EVENTS, EVENTS[::-1]):
        assert find_fixed("semver", version, affected("npm", "x", *events, kind="SEMVER")) == wanted


def test_listed_versions_and_what_is_no_range() -> None:
    assert find_fixed("loose", "1.5", affected("PyPI", "x", versions=("1.5.0",))) == (True, "")
    assert find_fixed("loose", "1.6", affected("PyPI", "x", versions=("1.5.0",))) == (False, "")
    assert find_fixed("loose", "1.6", affected("PyPI", "x", Event(introduced="0"), kind="GIT")) == (False, "")


def test_components_of_each_ecosystem() -> None:
    since = (Event(introduced="0"), Event(fixed="2.0"))
    assert says(affected("PyPI", "Foo_Bar", *since), component("PyPI", "foo-bar", "1.0"))
    assert says(affected("Maven", "g:a", *since), component("Maven", "g:a", "1.0"))
    assert not says(affected("npm", "g:a", *since), component("Maven", "g:a", "1.0"))
    assert not says(affected("Maven", "g:a", *since), component("Maven", "g:a", "1.0", package="libg-java"))


def test_what_the_answer_tells() -> None:
    part = affected("Debian:12", "apache2", Event(introduced="0"))
    advisory = Advisory(
        "DSA-1", "", ("CVE-2099-1", "X"), affected=(part, part), references=(AdvisoryLink("https://example.org/1"),),
        database_specific=AdvisoryRating("MODERATE"),
    )  # fmt: skip
    (answer,) = judge_advisories((advisory,), debian(BIN))
    assert (answer.says, answer.hole, answer.cves, answer.severity) == (
        "vulnerable",
        "DSA-1",
        ("CVE-2099-1",),
        "medium",
    )
    assert answer.because == "apache2-bin 2.4.57-2+b1 has the hole of DSA-1; no fixed version is named"
    assert len(answer.subjects) == 1


TEXT = st.text(max_size=6)
EVENT = st.builds(Event, TEXT, TEXT, TEXT)


@settings(max_examples=100, deadline=None)
@given(version=TEXT, events=st.lists(EVENT, max_size=6), scheme=st.sampled_from(["dpkg", "rpm", "semver", "loose"]))
def test_whatever_an_advisory_says(version: str, events: list[Event], scheme: Scheme) -> None:
    holds, fixed = find_fixed(scheme, version, affected("npm", "x", *events))
    assert holds or not fixed
