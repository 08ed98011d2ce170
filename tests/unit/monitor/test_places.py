from pathlib import Path

import pytest

from codered.model.target import Place
from codered.monitor.places import NAMED, list_critical_places, list_named_places
from codered.targets import open_target


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("etc", "root", "home/ann", "srv/site"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n")
    (tmp_path / "srv/site/index.php").write_text("x")
    return tmp_path


def test_the_table_is_filled_with_homes_and_web_roots(root: Path) -> None:
    web = Place("web roots", (str(root / "srv/site"),))
    found = {place.rel: place for place in list_critical_places(open_target(str(root)), (web, Place("other", ("/x",))))}
    assert found[b"etc"].asks == "accounts"
    assert not found[b"etc"].deep
    assert found[b"srv/site"].deep
    for rel in (b"home/ann", b"home/ann/.ssh", b"root/.config/autostart", b"var/spool/cron", b"etc/systemd", b"tmp"):
        assert rel in found
    assert b"x" not in found


def test_a_named_file_stands_for_its_folder_and_a_wide_folder_for_itself(root: Path) -> None:
    named = Place("n", (str(root / "srv/site/index.php"), str(root / "etc"), str(root / "srv/site")))
    found = list_named_places(open_target(str(root)), (named,), NAMED)
    assert [(place.rel, place.deep) for place in found] == [(b"srv/site", True), (b"etc", False)]
