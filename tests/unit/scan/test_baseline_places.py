from pathlib import Path

from codered.collect.file_states import Start
from codered.scan.baseline_places import find_web_roots, is_folder, is_kept, list_starts, why_left_out
from codered.targets import open_target


def test_this_host_is_recorded_where_things_run_and_not_where_data_lies() -> None:
    target = open_target()
    starts = list_starts(target, (b"var/www/html", b"somewhere/web"))
    rels = [start.rel for start in starts]
    assert {b"usr", b"etc", b"somewhere/web"} <= set(rels)
    assert not {b"", b"var", b"tmp", b"home", b"var/log", b"proc"} & set(rels)
    assert Start(b"root", "dots") in starts
    assert len(set(rels)) == len(rels)


def test_any_other_tree_is_recorded_whole_and_its_usual_web_roots_found(tmp_path: Path) -> None:
    (tmp_path / "var/www").mkdir(parents=True)
    (tmp_path / "srv").symlink_to("/srv")
    target = open_target(str(tmp_path))
    assert list_starts(target, ()) == (Start(b""),)
    assert find_web_roots(target) == (b"var/www",)
    assert is_folder(target, b"var/www")
    assert not is_folder(target, b"srv")
    assert not is_folder(target, b"none")


def test_this_hosts_web_roots_lie_below_the_root() -> None:
    assert not [root for root in find_web_roots(open_target()) if root.startswith(b"/")]


def test_what_is_left_out_and_what_is_kept() -> None:
    assert why_left_out(b"var/log") == "logs"
    assert why_left_out(b"opt/state", (b"opt/state",)) == "the tool's own folder"
    assert why_left_out(b"var/log2") == why_left_out(b"usr") == why_left_out(b"\xff") == ""
    assert is_kept(b"etc/crontab", ())
    assert is_kept(b"srv/web/x", (b"srv/web",))
    for rel in (b"etc/shadow", b"etc/ssl/private/key.pem", b"usr/bin/x", b"etcetera"):
        assert not is_kept(rel, ())
