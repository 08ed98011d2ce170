import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.packs import loading
from codered.packs.loading import choose_packs_folder, find_packs_folder, load_pack, load_packs
from tests.fixtures.pack_publisher import Host, Publisher

WritePack = Callable[..., Path]


def test_a_pack_is_loaded_with_the_hash_of_every_file(write_pack: WritePack) -> None:
    folder = write_pack()
    loaded = load_pack(folder)
    assert loaded.pack.name == "demo"
    assert loaded.pack.files[0].paths == (r"?:\inetpub\scripts\demo.exe", r"C:\demo\*.exe")
    assert loaded.pack.scan_behaviour is not None
    assert loaded.pack.scan_behaviour.ports == (80,)
    assert loaded.rules == (folder / "rules.yar").read_text()
    assert set(loaded.files) == {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    text = (folder / "examples/hit/requests.log").read_bytes()
    assert loaded.files["examples/hit/requests.log"] == hashlib.sha256(text).hexdigest()


def test_the_digest_follows_content_and_names_only(write_pack: WritePack) -> None:
    folder = write_pack()
    before = load_pack(folder).digest
    os.utime(folder / "pack.yaml", (1, 1))
    assert load_pack(folder).digest == before
    (folder / "README.md").write_text("# Other\n")
    changed = load_pack(folder).digest
    assert changed != before
    (folder / "README.md").rename(folder / "READ.md")
    assert load_pack(folder).digest not in (before, changed)


def test_packs_come_sorted_and_by_name(write_pack: WritePack) -> None:
    folder = write_pack(name="two").parent
    write_pack(name="one")
    (folder / "README.md").write_text("not a pack")
    (folder / ".git").mkdir()
    assert [loaded.pack.name for loaded in load_packs(folder)] == ["one", "two"]
    assert [loaded.pack.name for loaded in load_packs(folder, ("two", "two"))] == ["two"]


def test_an_unknown_name_is_refused_with_a_suggestion(write_pack: WritePack) -> None:
    folder = write_pack(name="nimda").parent
    with pytest.raises(WrongUse, match=r"there is no pack `nimbda` — did you mean `nimda`\?"):
        load_packs(folder, ("nimbda",))


def test_a_folder_without_packs_or_without_pack_yaml(tmp_path: Path, write_pack: WritePack) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(WrongUse, match="holds no pack"):
        load_packs(tmp_path / "empty")
    with pytest.raises(WrongUse, match="can't be read"):
        load_packs(tmp_path / "missing")
    (write_pack().parent / "half").mkdir()
    with pytest.raises(WrongUse, match=r"half/pack.yaml: missing"):
        load_packs(tmp_path / "packs")


def test_the_folder_is_called_like_the_pack(write_pack: WritePack, line_of: Callable[[Path, str], int]) -> None:
    folder = write_pack()
    other = folder.rename(folder.parent / "other")
    with pytest.raises(WrongUse, match="not called like its folder") as caught:
        load_pack(other)
    assert caught.value.where.endswith(f"pack.yaml:{line_of(other / 'pack.yaml', 'name: demo')}")


def test_a_pack_without_rules_is_a_pack(write_pack: WritePack) -> None:
    folder = write_pack()
    (folder / "rules.yar").unlink()
    assert load_pack(folder).rules == ""


def test_links_are_refused_everywhere(write_pack: WritePack, tmp_path: Path) -> None:
    folder = write_pack()
    (folder / "examples/hit/link.log").symlink_to("requests.log")
    with pytest.raises(WrongUse, match=r"link.log: is a link"):
        load_pack(folder)
    (folder / "examples/hit/link.log").unlink()
    (folder / "more").symlink_to(tmp_path)
    with pytest.raises(WrongUse, match="more: is a link"):
        load_pack(folder)
    (folder / "more").unlink()
    (folder.parent / "alias").symlink_to("demo")
    with pytest.raises(WrongUse, match="alias: is a link"):
        load_packs(folder.parent)
    with pytest.raises(WrongUse, match="alias: is a link"):
        load_pack(folder.parent / "alias")


def test_devices_and_odd_names_are_refused(write_pack: WritePack) -> None:
    folder = write_pack()
    os.mkfifo(folder / "pipe")
    with pytest.raises(WrongUse, match="neither a file nor a folder"):
        load_pack(folder)
    (folder / "pipe").unlink()
    (folder / "a\nb").write_text("x")
    with pytest.raises(WrongUse, match="can't be printed") as caught:
        load_pack(folder)
    assert "\n" not in str(caught.value)


def test_sizes_numbers_and_depth_are_bounded(write_pack: WritePack, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_pack()
    (folder / "big").write_bytes(b"x" * ((1 << 20) + 1))
    with pytest.raises(WrongUse, match="larger than"):
        load_pack(folder)
    (folder / "big").unlink()
    together = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    with monkeypatch.context() as patch:
        patch.setattr(loading, "MOST_PACK_BYTES", together)
        load_pack(folder)
        patch.setattr(loading, "MOST_PACK_BYTES", together - 1)
        with pytest.raises(WrongUse, match="larger than"):
            load_pack(folder)
    with monkeypatch.context() as patch:
        patch.setattr(loading, "MOST_FILES", 3)
        with pytest.raises(WrongUse, match="too many files"):
            load_pack(folder)
    deep = folder.joinpath(*"abcdefghijkl")
    deep.mkdir(parents=True)
    (deep / "x").write_text("x")
    with pytest.raises(WrongUse, match="too many folders"):
        load_pack(folder)


def test_rules_that_are_not_utf8_name_the_line(write_pack: WritePack) -> None:
    folder = write_pack()
    (folder / "rules.yar").write_bytes(b"// one\n// \xff\n")
    with pytest.raises(WrongUse, match=r"rules.yar:2: not UTF-8"):
        load_pack(folder)


def test_the_packs_folder_is_named_or_that_of_the_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CODERED_PACKS", raising=False)
    assert (find_packs_folder() / "codered" / "pack.yaml").is_file()
    monkeypatch.setenv("CODERED_PACKS", str(tmp_path))
    assert find_packs_folder() == tmp_path
    monkeypatch.setenv("CODERED_PACKS", str(tmp_path / "none"))
    with pytest.raises(WrongUse, match="no such folder"):
        find_packs_folder()


def test_an_installed_set_is_used_while_it_is_whole_and_not_older(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    publisher = Publisher(tmp_path / "publisher")
    publisher.publish("2030.01.1")
    host = Host(tmp_path / "host", publisher)
    monkeypatch.delenv("CODERED_PACKS", raising=False)
    monkeypatch.setenv("CODERED_STATE", str(host.home.parent))
    monkeypatch.setattr(loading, "find_shipped_packs", lambda: host.shipped)
    assert choose_packs_folder() == (host.shipped, "")
    host.update()
    installed = host.current()
    assert installed
    assert choose_packs_folder() == (installed.folder, "")
    assert [loaded.pack.name for loaded in load_packs(find_packs_folder())] == ["newworm", "oldworm"]
    with monkeypatch.context() as patch:  # tried by this version of the tool; another one reads them first
        patch.setattr(loading, "__version__", "99")
        assert choose_packs_folder() == (installed.folder, "")
        patch.setattr(loading, "load_packs", load_nothing)
        assert choose_packs_folder() == (host.shipped, "the packs shipped with the tool are used: can't be read")
    (host.shipped / "oldworm" / "pack.yaml").write_text("version: '2029.05.10' # newer\n")
    folder, warning = choose_packs_folder()
    assert folder == host.shipped
    assert "oldworm is newer there than installed — run codered packs update" in warning
    (host.shipped / "oldworm" / "pack.yaml").write_text("version: 2029.05.1\n")
    assert choose_packs_folder() == (installed.folder, "")
    (host.home / "current").write_bytes(b"")
    folder, warning = choose_packs_folder()
    assert folder == host.shipped
    assert "damaged" in warning
    monkeypatch.setenv("CODERED_PACKS", str(tmp_path))  # the administrator's own come first
    assert choose_packs_folder() == (tmp_path, "")


def load_nothing(_: Path) -> None:
    raise WrongUse("can't be read")


def test_an_installed_tool_finds_the_packs_it_ships(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CODERED_PACKS", raising=False)
    room = tmp_path / "site-packages" / "codered" / "packs"
    room.mkdir(parents=True)
    monkeypatch.setattr(loading, "__file__", str(room / "loading.py"))
    with pytest.raises(WrongUse, match="install again"):
        find_packs_folder()
    shipped = room.parent / "shipped_packs"
    shipped.mkdir()
    assert find_packs_folder() == shipped
