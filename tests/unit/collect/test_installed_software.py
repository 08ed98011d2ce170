import io
import zipfile
from pathlib import Path

from codered.collect.dpkg_records import MOST_LIST_BYTES
from codered.collect.installed_software import collect_facts, find_more_roots
from codered.model.patches import PatchFacts
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, write

RELEASE = 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="x"\nID_LIKE=$(id)\n'


def test_a_linux_system(tmp_path: Path) -> None:
    write(make_root(tmp_path), {"usr/lib/os-release": RELEASE, "srv/wp-includes/version.php": "$wp_version = '6.0';"})
    (tmp_path / "etc").mkdir(exist_ok=True)
    (tmp_path / "etc/os-release").symlink_to("../usr/lib/os-release")
    facts = collect_facts(open_target(str(tmp_path)), (), lambda _: "").facts
    assert (facts.platform, facts.distribution, facts.release, facts.codename) == ("linux", "debian", "12", "bookworm")
    assert [one.name for one in facts.components or ()] == ["wordpress"]
    assert facts.packages is not None


def test_components_are_looked_for_only_if_wished(tmp_path: Path) -> None:
    seen = collect_facts(open_target(str(make_root(tmp_path))), (), lambda _: "", components=False)
    assert seen.facts.components is None
    assert seen.manifests == 0


def test_of_an_offline_windows_nothing_is_known(tmp_path: Path) -> None:
    (tmp_path / "WINNT/system32").mkdir(parents=True)
    target = open_target(str(tmp_path))
    assert collect_facts(target, (), lambda _: "").facts == PatchFacts(platform="windows")


def test_roots_are_below_the_target(tmp_path: Path) -> None:
    target = open_target(str(make_root(tmp_path)))
    assert find_more_roots((f"{tmp_path}/data/www", "/var/www"), target) == (b"data/www", b"var/www")


def test_what_was_not_read_is_a_gap_of_its_kind(tmp_path: Path) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as outer:
        outer.writestr("lib/bad.jar", "PK")
    write(make_root(tmp_path), {"opt/a/node_modules/x/package.json": "{", "opt/b/METADATA": ""})
    (tmp_path / "opt/app.war").write_bytes(raw.getvalue())
    (tmp_path / "opt/bad.jar").write_bytes(b"PK")
    with (tmp_path / "var/lib/dpkg/status").open("ab") as status:
        status.truncate(MOST_LIST_BYTES)
    gaps = {gap.of: gap for gap in collect_facts(open_target(str(tmp_path)), (), lambda _: "").facts.gaps}
    assert set(gaps) == {"packages", "npm", "Maven"}
    assert gaps["packages"].where == f"{tmp_path}/var/lib/dpkg/status"
    told = {"/opt/app.war": "inside it lib/bad.jar: not an archive", "/opt/bad.jar": "not an archive"}
    assert told[gaps["Maven"].where.removeprefix(str(tmp_path))] == gaps["Maven"].why
