import os
from pathlib import Path

import pytest

from codered.targets import host_places
from codered.targets.host_places import list_host_places, list_usual_web_roots


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of web server configuration in place of the host's own."""
    folder = tmp_path / "config"
    folder.mkdir()
    monkeypatch.setattr(host_places, "_CONFIG_FOLDERS", (str(tmp_path / "none"), str(folder)))
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    return folder


def web_roots() -> tuple[str, ...]:
    (place,) = (place for place in list_host_places() if place.what == "web roots")
    return place.paths


def test_the_places_a_host_scan_looks_at(config: Path) -> None:
    places = {place.what: place.paths for place in list_host_places()}
    assert list(places) == ["web roots", "web logs", "autostart", "temporary folders", "home folders"]
    assert os.path.realpath("/tmp") in places["temporary folders"]
    assert all(os.path.exists(path) and os.path.realpath(path) == path for paths in places.values() for path in paths)


@pytest.mark.parametrize(
    "line",
    [
        "DocumentRoot {}",
        '\tDocumentRoot "{}"',
        "  documentroot '{}/'",
        "    root {};",
        "server {{ root {}; }}",
        'root "{}";',
        'server.document-root = "{}"',
        "# first\nDocumentRoot {}/../site\n# last",
        "DocumentRoot\t{}\r",
    ],
)
def test_document_roots_come_from_the_configuration(config: Path, site: Path, line: str) -> None:
    (config / "site.conf").write_text(line.format(site))
    assert str(site) in web_roots()


def test_a_document_root_with_a_space(config: Path, tmp_path: Path) -> None:
    (tmp_path / "my site").mkdir()
    (config / "site.conf").write_text(f'DocumentRoot "{tmp_path}/my site"')
    assert f"{tmp_path}/my site" in web_roots()


@pytest.mark.parametrize(
    "line", ["# DocumentRoot {}", "NotDocumentRoot {}", "DocumentRootX {}", "root relative{}", "fastcgi_root {};"]
)
def test_what_names_no_document_root(config: Path, site: Path, line: str) -> None:
    (config / "site.conf").write_text(line.format(site))
    assert str(site) not in web_roots()


@pytest.mark.parametrize("path", ["/", "//", "/etc", "/usr/", "/var", "/var/www/../..", "/proc", "/no/such/folder"])
def test_a_document_root_that_would_mean_everything_or_nothing_is_left_out(config: Path, path: str) -> None:
    before = web_roots()
    (config / "site.conf").write_text(f"DocumentRoot {path}")
    assert web_roots() == before


def test_a_place_that_is_a_link_is_looked_at_where_it_leads(config: Path, site: Path, tmp_path: Path) -> None:
    """A walk doesn't follow links: unresolved, a linked web root would be left out without a word."""
    (tmp_path / "www").symlink_to("site")
    (config / "site.conf").write_text(f"DocumentRoot {tmp_path}/www\nDocumentRoot {site}")
    assert [path for path in web_roots() if path.startswith(str(tmp_path))] == [str(site)]


def test_configuration_that_is_no_text_or_no_file_is_no_obstacle(config: Path, site: Path) -> None:
    (config / "a.conf").write_bytes(b"\xff\xfe\0" * 100)
    (config / "folder").mkdir()
    os.mkfifo(config / "fifo")
    (config / "dangling").symlink_to("none")
    (config / "z.conf").write_text(f"DocumentRoot {site}")
    assert str(site) in web_roots()


def test_enabled_sites_are_links(config: Path, site: Path, tmp_path: Path) -> None:
    (tmp_path / "available.conf").write_text(f"DocumentRoot {site}")
    (config / "enabled.conf").symlink_to("../available.conf")
    assert str(site) in web_roots()


def test_a_giant_configuration_is_not_read_whole(config: Path, site: Path) -> None:
    (config / "site.conf").write_text(" " * 1_000_000 + f"\nDocumentRoot {site}")
    assert str(site) not in web_roots()


def test_usual_web_roots_are_told_whether_they_are_there_or_not() -> None:
    assert {"/var/www", "/srv", "/usr/share/nginx/html", "/opt/lampp/htdocs"} <= set(list_usual_web_roots())
