"""The answer to whether a hole is closed: the tables of the shipped packs, on made facts."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.detect.patches import NOT_READ, describe_release, judge_patch
from codered.model.countermeasures import Evidence, PlatformPatch, Vulnerability
from codered.model.patches import Ecosystem, FileFact, InstalledComponent, InstalledPackage, PatchFacts, SoftwareGap
from codered.model.paths import FilePath
from codered.packs.loading import load_packs

PACKS = {item.pack.name: item.pack for item in load_packs(Path(__file__).parents[3] / "packs")}
NT4 = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Hotfix\\"
W2K = "HKLM\\SOFTWARE\\Microsoft\\Updates\\Windows 2000\\SP3\\"
IDQ = "%SystemRoot%\\system32\\idq.dll"
NO_KEYS: frozenset[str] = frozenset()


def idq(version: str, date: str = "") -> tuple[FileFact, ...]:
    return (FileFact(name=IDQ, version=version, date=date),)


def windows(
    platform: str, *keys: str, files: tuple[FileFact, ...] = (), service_pack: int | None = None, read: bool = True
) -> PatchFacts:
    found = frozenset(keys) if read else None
    return PatchFacts(platform=platform, keys=found, files=files, service_pack=service_pack)


CODE_RED = (
    # NT4: the hotfix, the rollup, the cumulative patch; each alone is enough
    (windows("nt4", NT4 + "Q300972"), "patched"),
    (windows("nt4", (NT4 + "Q300972").lower()), "patched"),
    (windows("nt4", NT4 + "Q299444"), "patched"),
    (windows("nt4", NT4 + "Q301625"), "patched"),
    (windows("nt4", NT4 + "Q295534"), "undetermined"),  # MS01-026 closes another hole
    (windows("nt4", NT4 + "Q293826"), "undetermined"),
    (windows("nt4"), "undetermined"),
    (windows("nt4", read=False), "undetermined"),
    (windows("nt4", service_pack=6), "undetermined"),
    (windows("nt4", files=idq("5.0.1782.4")), "patched"),
    (windows("nt4", files=idq("5.0.1782.10")), "patched"),
    (windows("nt4", files=idq("5.0.1781.3", "2001-05-25")), "patched"),
    (windows("nt4", files=idq("5.0.1781.3", "2000-01-25")), "vulnerable"),
    (windows("nt4", files=idq("5.0.1781.3")), "undetermined"),  # the same version stands for both
    (windows("nt4", files=idq("5.0.1700.1")), "vulnerable"),
    (windows("nt4", NT4 + "Q300972", files=idq("5.0.1781.3", "2000-01-25")), "undetermined"),  # it did not stay
    (windows("nt4", NT4 + "Q300972", files=idq("5.0.1781.3")), "patched"),
    (windows("nt4", files=(FileFact(name=IDQ, exists=False),)), "not_present"),
    (windows("nt4-terminal-server", NT4 + "Q317636"), "patched"),
    (windows("nt4-terminal-server", NT4 + "Q300972"), "undetermined"),
    # Windows 2000: by service pack, key, file
    (windows("windows2000", service_pack=3), "patched"),
    (windows("windows2000", service_pack=4), "patched"),
    (windows("windows2000", service_pack=2), "undetermined"),
    (windows("windows2000", service_pack=0), "undetermined"),
    (windows("windows2000", W2K + "Q300972", service_pack=2), "patched"),
    (windows("windows2000", W2K + "Q301625", service_pack=1), "patched"),
    (windows("windows2000", W2K + "Q293826", service_pack=2), "undetermined"),
    (windows("windows2000", NT4 + "Q300972", service_pack=2), "undetermined"),  # a key of NT4
    (windows("windows2000", files=idq("5.0.2195.3645")), "patched"),  # Q300972
    (windows("windows2000", files=idq("5.0.2195.3649")), "patched"),  # MS01-044
    (windows("windows2000", files=idq("5.0.2195.4966")), "patched"),  # MS02-018, and so the rollup SRP1
    (windows("windows2000", files=idq("5.0.2195.5617")), "patched"),
    (windows("windows2000", files=idq("5.0.2195.3644")), "vulnerable"),
    (windows("windows2000", files=idq("5.0.2195.1600"), service_pack=2), "vulnerable"),
    (windows("windows2000", files=idq("5.0.2195.1600"), service_pack=3), "undetermined"),
    (windows("windows-xp"), "not_present"),
    (windows("windows-server-2003"), "not_present"),
    (windows("windows-9x"), "not_present"),
    (windows("windows", read=False), "undetermined"),
    (PatchFacts(platform="linux", packages=()), "not_present"),
)


@pytest.mark.parametrize(("facts", "wanted"), CODE_RED)
@pytest.mark.parametrize("name", ["codered", "codered2"])
def test_code_red(name: str, facts: PatchFacts, wanted: str) -> None:
    hole = PACKS[name].vulnerability
    assert hole is not None
    answer = judge_patch(hole, facts, name)
    assert answer.says == wanted, answer.because
    assert (answer.pack, answer.cves) == (name, ("CVE-2001-0500",))


KIN = (
    ("codeblue", windows("nt4", NT4 + "Q301625"), "patched"),
    ("codeblue", windows("nt4", NT4 + "Q295534"), "patched"),
    ("codeblue", windows("nt4", NT4 + "Q300972"), "undetermined"),  # Code Red's patch closes another hole
    ("codeblue", windows("windows2000", service_pack=2), "patched"),
    ("codeblue", windows("windows2000", service_pack=1), "undetermined"),
    ("codeblue", windows("windows2000", W2K + "Q293826", service_pack=1), "patched"),
    ("nimda", windows("windows2000", service_pack=2), "undetermined"),
    ("nimda", windows("windows2000", W2K + "Q301625"), "patched"),
    ("nimda", windows("nt4", NT4 + "Q300972"), "undetermined"),
)


@pytest.mark.parametrize(("name", "facts", "wanted"), KIN)
def test_its_kin(name: str, facts: PatchFacts, wanted: str) -> None:
    hole = PACKS[name].vulnerability
    assert hole is not None
    assert judge_patch(hole, facts).says == wanted


def test_says_why_and_what_it_supersedes() -> None:
    hole = PACKS["codered"].vulnerability
    assert hole is not None
    assert "which Windows this is" in judge_patch(hole, windows("windows", read=False)).because
    assert NOT_READ in judge_patch(hole, windows("windows2000", read=False)).because
    assert "supersedes Q300972" in judge_patch(hole, windows("nt4", NT4 + "Q301625")).because
    assert "did not stay" in judge_patch(hole, windows("windows2000", W2K + "Q300972", files=idq("5.0.1.1"))).because


def test_without_iis_the_files_decide_nothing() -> None:
    hole = PACKS["codered"].vulnerability
    assert hole is not None
    old = windows("windows2000", files=idq("5.0.2195.1600"), service_pack=2)
    for server, says in (("", "not_present"), ("5.0", "vulnerable"), (None, "vulnerable")):
        assert judge_patch(hole, replace(old, web_server=server)).says == says
    assert "IIS is not installed" in judge_patch(hole, replace(old, web_server="")).because


def test_a_date_after_all_releases_is_that_of_a_copy() -> None:
    hole = PACKS["codered2"].vulnerability
    assert hole is not None
    assert judge_patch(hole, windows("nt4", files=idq("5.0.1781.3", "2001-06-14"))).says == "patched"
    assert judge_patch(hole, windows("nt4", files=idq("5.0.1781.3", "2026-11-22"))).says == "undetermined"


def npm(name: str, *versions: str, package: str = "") -> PatchFacts:
    found = tuple(InstalledComponent("npm", name, one, FilePath(f"/srv/{one}"), package) for one in versions)
    return PatchFacts(platform="linux", packages=(), components=found)


def one_package(version: str, codename: str = "bookworm", distribution: str = "debian") -> PatchFacts:
    packages = (InstalledPackage("dpkg", "idq", version, "amd64"),)
    return PatchFacts(platform="linux", distribution=distribution, codename=codename, packages=packages)


def fixed_in(release: str, version: str) -> Evidence:
    return Evidence(says="patched", references=(), package="idq", release=release, version_at_least=version)


BACKPORTED = Vulnerability(
    name="a hole",
    cves=(),
    bulletins=(),
    component="idq",
    conditions="",
    platforms=(
        PlatformPatch(
            platform="linux",
            affected=True,
            evidence=(fixed_in("bookworm", "1.0-2+deb12u1"), fixed_in("bullseye", "0.9-1+deb11u3")),
        ),
    ),
)


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        (one_package("1.0-2"), "vulnerable"),
        (one_package("1.0-2+deb12u1"), "patched"),
        (one_package("1:0.1"), "patched"),
        (one_package("1.0-2+deb12u1~bpo11+1"), "vulnerable"),
        (one_package("0.9-1+deb11u3", "bullseye"), "patched"),
        (one_package("0.9-1+deb11u2", "bullseye"), "vulnerable"),
        (one_package("9", "trixie"), "undetermined"),  # nothing is known of what is fixed there
        (PatchFacts(platform="linux", codename="bookworm", packages=()), "not_present"),
        (PatchFacts(platform="linux", codename="bookworm"), "undetermined"),
    ],
)
def test_each_release_has_its_own_fixed_version(facts: PatchFacts, wanted: str) -> None:
    answer = judge_patch(BACKPORTED, facts)
    assert answer.says == wanted, answer.because
    for subject in answer.subjects:
        assert (subject.name, subject.manager, subject.says) == ("idq", "dpkg", wanted)


@pytest.mark.parametrize(
    ("version", "half", "wanted"),
    [
        ("1.0-1", "half-installed", "undetermined"),
        ("9", "half-installed", "undetermined"),
        ("9", "unpacked", "undetermined"),
        ("1.0-1", "unpacked", "vulnerable"),
    ],
)
def test_a_package_that_is_not_whole_proves_no_fix(version: str, half: str, wanted: str) -> None:
    packages = (InstalledPackage("dpkg", "idq", version, "amd64", half=half),)
    answer = judge_patch(BACKPORTED, PatchFacts(platform="linux", codename="bookworm", packages=packages))
    assert answer.says == wanted
    assert (half in answer.because) == (wanted == "undetermined")


def test_names_of_releases() -> None:
    rocky = PatchFacts(platform="linux", distribution="rocky", release="9.3")
    assert describe_release(rocky) == ("rocky9.3", "el9")
    assert describe_release(one_package("1"))[0] == "bookworm"
    assert describe_release(PatchFacts(platform="linux")) == ()


REACT = (
    ("next", "14.2.33", "not_present"),  # from before the hole
    ("next", "14.3.0-canary.76", "not_present"),
    ("next", "14.3.0-canary.77", "vulnerable"),
    ("next", "15.0.4", "vulnerable"),
    ("next", "15.0.5", "patched"),
    ("next", "15.1.8", "vulnerable"),
    ("next", "15.1.9", "patched"),
    ("next", "15.5.6", "vulnerable"),
    ("next", "15.5.7", "patched"),
    ("next", "15.6.0-canary.57", "vulnerable"),
    ("next", "15.6.0-canary.58", "patched"),
    ("next", "16.0.6", "vulnerable"),
    ("next", "16.0.7", "patched"),
    ("next", "16.1.0", "patched"),
    ("react-server-dom-webpack", "18.3.0", "not_present"),
    ("react-server-dom-webpack", "19.0.0", "vulnerable"),
    ("react-server-dom-webpack", "19.0.1", "patched"),
    ("react-server-dom-parcel", "19.1.1", "vulnerable"),
    ("react-server-dom-turbopack", "19.2.1", "patched"),
    ("react", "19.0.0", "not_present"),  # it has not got the hole itself
)


@pytest.mark.parametrize(("name", "version", "wanted"), REACT)
def test_react2shell(name: str, version: str, wanted: str) -> None:
    hole = PACKS["react2shell"].vulnerability
    assert hole is not None
    answer = judge_patch(hole, npm(name, version))
    assert answer.says == wanted, answer.because


def test_a_second_copy_that_is_patched_closes_nothing() -> None:
    hole = PACKS["react2shell"].vulnerability
    assert hole is not None
    answer = judge_patch(hole, npm("next", "15.5.7", "15.5.6"))
    assert answer.says == "vulnerable"
    assert [(one.says, one.fixed) for one in answer.subjects] == [("patched", "15.5.7"), ("vulnerable", "15.5.7")]


def test_what_a_package_brought_may_hold_the_fix_under_an_older_number() -> None:
    hole = PACKS["react2shell"].vulnerability
    assert hole is not None
    assert judge_patch(hole, npm("next", "15.0.4", package="node-next")).says == "undetermined"
    assert judge_patch(hole, npm("next", "15.0.5", package="node-next")).says == "patched"


MODERN = (
    ("kinsing", "Packagist", "phpunit/phpunit", "4.8.27", "vulnerable"),
    ("kinsing", "Packagist", "phpunit/phpunit", "4.8.28", "patched"),
    ("kinsing", "Packagist", "phpunit/phpunit", "5.6.2", "vulnerable"),
    ("kinsing", "Packagist", "phpunit/phpunit", "9.6.3", "patched"),
    ("kinsing", "Maven", "org.apache.logging.log4j:log4j-core", "2.0-beta8", "not_present"),
    ("kinsing", "Maven", "org.apache.logging.log4j:log4j-core", "2.0-beta9", "vulnerable"),
    ("kinsing", "Maven", "org.apache.logging.log4j:log4j-core", "2.3.1", "patched"),
    ("kinsing", "Maven", "org.apache.logging.log4j:log4j-core", "2.12.1", "vulnerable"),
    ("kinsing", "Maven", "org.apache.logging.log4j:log4j-core", "2.12.2", "patched"),
    ("kinsing", "Maven", "org.apache.logging.log4j:log4j-core", "2.14.1", "vulnerable"),
    ("kinsing", "Maven", "org.apache.logging.log4j:log4j-core", "2.17.1", "patched"),
    ("sysrv", "Packagist", "topthink/framework", "5.0.22", "vulnerable"),
    ("sysrv", "Packagist", "topthink/framework", "5.0.24", "patched"),
    ("sysrv", "Packagist", "topthink/framework", "5.1.30", "vulnerable"),
    ("sysrv", "Packagist", "topthink/framework", "6.0.0", "patched"),
    ("sysrv", "Maven", "org.springframework.cloud:spring-cloud-gateway-server", "3.0.6", "vulnerable"),
    ("sysrv", "Maven", "org.springframework.cloud:spring-cloud-gateway-server", "3.1.1", "patched"),
    ("mirai-http", "Packagist", "topthink/framework", "5.0.20", "vulnerable"),
)


@pytest.mark.parametrize(("pack", "ecosystem", "name", "version", "wanted"), MODERN)
def test_the_packs_of_linux(pack: str, ecosystem: Ecosystem, name: str, version: str, wanted: str) -> None:
    hole = PACKS[pack].vulnerability
    assert hole is not None
    component = InstalledComponent(ecosystem, name, version, FilePath("/srv/x"))
    answer = judge_patch(hole, PatchFacts(platform="linux", packages=(), components=(component,)))
    assert answer.says == wanted, answer.because


@pytest.mark.parametrize(
    ("version", "gap", "wanted"),
    [
        ("", None, "not_present"),
        ("", "Maven", "undetermined"),
        ("", "", "undetermined"),
        ("", "npm", "not_present"),
        ("2.17.1", "Maven", "undetermined"),
        ("2.14.1", "Maven", "vulnerable"),
    ],
)
def test_what_was_not_read_may_have_the_hole(version: str, gap: "Ecosystem | None", wanted: str) -> None:
    log4j = InstalledComponent("Maven", "org.apache.logging.log4j:log4j-core", version, FilePath("/srv/x.jar"))
    gaps = () if gap is None else (SoftwareGap(gap, "/srv/app.ear", "inside it web.war: larger than 64 MiB"),)
    facts = PatchFacts(platform="linux", packages=(), components=(log4j,) if version else (), gaps=gaps)
    hole = PACKS["kinsing"].vulnerability
    assert hole is not None
    answer = judge_patch(hole, facts)
    assert answer.says == wanted
    assert ("/srv/app.ear" in answer.because) == (wanted == "undetermined")


def test_records_that_were_cut_say_nothing_of_a_package() -> None:
    gap = SoftwareGap("packages", "/var/lib/dpkg/status", "too large")
    assert judge_patch(BACKPORTED, PatchFacts(platform="linux", packages=(), gaps=(gap,))).says == "undetermined"
    gap = SoftwareGap("Maven", "/srv/app.ear", "not an archive")
    assert judge_patch(BACKPORTED, PatchFacts(platform="linux", packages=(), gaps=(gap,))).says == "not_present"
