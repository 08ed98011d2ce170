import ipaddress
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from codered.cli import running
from codered.cli.running import choose_target
from codered.model.errors import Refused, WrongUse
from codered.model.target import Place, Volume
from codered.packs.loading import find_packs_folder
from codered.scan.request import EarlierLooks
from codered.targets.host_places import list_host_places
from tests.fixtures.unprivileged import run_as_nobody


def test_rules_of_some_packs_or_all() -> None:
    assert [loaded.pack.name for loaded in running.load_rules(("nimda",)).packs] == ["nimda"]
    assert len(running.load_named_packs()) >= 5
    with pytest.raises(WrongUse, match="no pack `nosuch`"):
        running.load_rules(("nosuch",))


def test_where_compiled_rules_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_CACHE", "/data/cache")
    assert running.cache_folder() == Path("/data/cache")
    monkeypatch.delenv("CODERED_CACHE")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert running.cache_folder() == Path("/var/cache/codered")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_CACHE_HOME", "/home/u/cache")
    assert running.cache_folder() == Path("/home/u/cache/codered")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/u")
    assert running.cache_folder() == Path("/home/u/.cache/codered")


def test_nothing_named_is_this_host() -> None:
    where = choose_target((), None, ())
    assert (where.target.info.kind, where.target.info.root) == ("live_linux", "/")
    assert where.places == tuple(place for place in list_host_places() if place.paths)
    assert not where.target.info.unsupported
    assert {"processes", "memory", "network", "autostart", "accounts"} <= set(where.target.info.offers)


def test_every_file_of_this_host() -> None:
    assert choose_target((), None, (), full=True).places == (running.EVERYTHING,)


def test_an_allow_list_is_read_where_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = tmp_path / "allow.yaml"
    monkeypatch.setenv("CODERED_ALLOW", str(named))
    with pytest.raises(WrongUse):
        running.load_allowed()
    named.write_text(
        "format: 1\nkeys:\n- {key: 'SHA256:" + "A" * 43 + "', expires: '2030-01-01', because: ours, who: me}\n"
    )
    assert len(running.load_allowed().keys) == 1
    assert len(running.load_allowed(is_host=False).keys) == 1


def test_the_list_of_this_host_says_nothing_about_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "allow.yaml"
    own.write_text("format: 1\nkeys:\n- {key: 'SHA256:" + "A" * 43 + "', expires: '2030-01-01', because: x, who: me}\n")
    monkeypatch.delenv("CODERED_ALLOW", raising=False)
    monkeypatch.setattr(running, "HOST_LIST", str(own))
    assert len(running.load_allowed().keys) == 1
    assert running.load_allowed(is_host=False).keys == ()


def test_paths_are_places_of_this_host_and_volumes_among_them_are_known(volume: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "other")
    (tmp_path / "other").mkdir()
    where = choose_target((str(volume), str(tmp_path / "link")), None, ())
    assert where.places == (
        Place(str(volume), (str(volume),)),
        Place(str(tmp_path / "other"), (str(tmp_path / "other"),)),
    )
    assert set(where.target.info.volumes) == {Volume(f"{volume}/C"[1:], "C"), Volume(f"{volume}/D"[1:], "D")}
    assert not where.target.info.unsupported
    assert where.read_logs
    assert not where.logs_only


def test_a_root_is_one_place(volume: Path) -> None:
    where = choose_target((), str(volume), ())
    assert where.places == (Place(str(volume), (str(volume),)),)
    assert where.target.info.kind == "offline_root"


def test_a_root_stands_alone(volume: Path) -> None:
    for paths, logs in (((str(volume),), ()), ((), (str(volume),))):
        with pytest.raises(WrongUse, match="--root stands alone"):
            choose_target(paths, str(volume), logs)


def test_logs_are_files_and_folders_in_the_order_named(tmp_path: Path) -> None:
    for name in ("logs/b.log", "logs/a.log", "logs/deep/c.gz", "one.log", "two.log"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "logs/link").symlink_to("/etc/passwd")
    where = choose_target((str(tmp_path / "two.log"),), None, (str(tmp_path / "one.log"), str(tmp_path / "logs")))
    assert where.logs_only
    names = ("one.log", "logs", "two.log")
    assert where.places == (Place("web logs", tuple(str(tmp_path / name) for name in names)),)


def test_a_folder_without_logs(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="no files in it") as caught:
        choose_target((), None, (str(tmp_path),))
    assert caught.value.where == str(tmp_path)


def test_a_folder_of_logs_is_walked_by_the_scan_and_what_is_closed_is_a_gap() -> None:
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        for path in ("logs/closed/b.log", "logs/readme"):
            Path(name, path).parent.mkdir(parents=True, exist_ok=True)
            Path(name, path).write_text("text\n")
        line = '192.0.2.1 - - [19/Jul/2001:15:38:38 +0000] "GET / HTTP/1.0" 200 4\n'
        Path(name, "logs/a.log").write_text(line)
        Path(name, "logs/closed").chmod(0)

        def look() -> list[list[str]]:
            where = choose_target((), None, (f"{name}/logs",))
            report = running.run_scan(where, rules, running.Manner(jobs=1))
            return [[report.verdict], *([look.state, look.why, *look.examples] for look in report.looks)]

        rules = running.load_rules(("codered2",))
        look()  # imports what nobody may read
        told = run_as_nobody(look)
        Path(name, "logs/closed").chmod(0o755)
    assert told[0] == ["incomplete"]
    assert ["failed", "Permission denied", f"{name}/logs/closed"] in told
    assert ["skipped", "no web log", f"{name}/logs/readme"] in told


@pytest.mark.parametrize("path", ["gone", "dangling", "file/x"])
def test_a_path_must_be_there(tmp_path: Path, path: str) -> None:
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(WrongUse, match="no such file or folder") as caught:
        running.existing_path(str(tmp_path / path))
    assert caught.value.where == str(tmp_path / path)


def test_a_path_that_can_not_be_reached_is_not_called_missing() -> None:
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        closed = Path(name, "closed")
        closed.mkdir()
        (closed / "x").touch()
        closed.chmod(0)

        def reach() -> str:
            with pytest.raises(WrongUse) as caught:
                running.existing_path(str(closed / "x"))
            return str(caught.value)

        told = run_as_nobody(reach)
        closed.chmod(0o755)
    assert told == f"{closed}/x: can't be reached (Permission denied) — run it as somebody who may read it"


def test_a_volume_that_a_plan_could_not_name_is_refused(tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/caf\xe9"
    os.makedirs(odd + b"/inetpub")
    with pytest.raises(WrongUse, match="a volume whose name is not UTF-8"):
        choose_target((os.fsdecode(odd),), None, ())


def test_own_networks() -> None:
    assert running.parse_networks(("10.1.2.3/8", "fd00::/8")) == (
        ipaddress.ip_network("10.0.0.0/8"),
        ipaddress.ip_network("fd00::/8"),
    )
    with pytest.raises(WrongUse, match="write a network as") as caught:
        running.parse_networks(("10.0.0.0/8", "home"))
    assert caught.value.where == "--internal"


def test_a_scan_carries_the_command(volume: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["codered", "scan", "x"])
    report = running.run_scan(
        choose_target((), str(volume), ()), running.load_rules(("codered2",)), running.Manner(jobs=1)
    )
    assert report.command == ("scan", "x")
    assert report.verdict == "infected"


def test_a_linux_system_given_as_a_path_is_looked_at_as_a_system(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    system = tmp_path / "disk"
    for folder in ("etc", "usr", "var"):
        (system / folder).mkdir(parents=True)
    assert choose_target((str(system),), None, ()).target.info.kind == "live_linux"  # just folders so far
    (system / "etc/passwd").touch()
    where = choose_target((str(system),), None, ())
    assert (where.target.info.kind, where.target.info.system) == ("offline_root", "linux")
    assert "autostart" in where.target.info.offers
    assert "looked at as with --root" in capsys.readouterr().err
    with pytest.raises(WrongUse, match="a whole Linux system"):
        choose_target((str(system), str(tmp_path)), None, ())


def test_the_root_of_this_host_is_this_host() -> None:
    where = choose_target(("/",), None, ())
    assert "processes" in where.target.info.offers
    assert where.places == (running.EVERYTHING,)


def test_only_who_asks_for_it_leaves_out_what_was_clean(tmp_path: Path) -> None:
    assert running._earlier_looks(running.USUAL) == EarlierLooks()
    assert running._earlier_looks(running.Manner(earlier="refused")) == EarlierLooks(refused="--no-cache")
    used = running._earlier_looks(running.Manner(earlier="used"))
    assert used.kept_in == str(running.cache_folder() / "seen")
    assert used.key == str(tmp_path / "state/seen.key")


def test_a_state_folder_of_somebody_else_keeps_no_scan_from_going_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> Path:
        raise Refused("others may write in this folder for state", where="C:\\x")

    monkeypatch.setattr(running, "state_folder", refuse)
    looks = running._earlier_looks(running.Manner(earlier="used"))
    assert (looks.kept_in, looks.refused) == ("", "others may write in this folder for state (C:\\x)")


def test_a_name_with_a_slash_is_a_folder_of_an_own_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(find_packs_folder() / "codered", tmp_path / "mine")
    document = (tmp_path / "mine/pack.yaml").read_text().replace("name: codered\n", "name: mine\n")
    (tmp_path / "mine/pack.yaml").write_text(document)
    monkeypatch.chdir(tmp_path)
    loaded = running.load_named_packs(("nimda", "./mine"))
    assert [item.pack.name for item in loaded] == ["mine", "nimda"]
    with pytest.raises(WrongUse, match="no pack `mine`"):
        running.load_named_packs(("mine",))
