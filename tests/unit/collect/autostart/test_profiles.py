from pathlib import Path

from tests.fixtures.autostart_roots import collect, make_root, write


def test_start_files_of_the_system_and_of_every_home(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(root, {"etc/passwd": "app:x:999:999::/srv/app:/bin/sh\n"})
    names = ["etc/profile", "etc/profile.d/x.sh", "etc/zsh/zshrc", "root/.bashrc", "home/ann/.zshenv",
             "srv/app/.profile", "home/ann/.config/fish/config.fish"]  # fmt: skip
    write(root, dict.fromkeys(names, "/opt/x\n"))
    found = {e.system_path(): e for e in collect(root).entries if e.kind == "profile"}
    assert set(found) == {f"/{name}" for name in names}
    assert (found["/srv/app/.profile"].user, found["/etc/profile"].user) == ("app", "")
    assert all("by-line" in entry.facts and entry.runs == ("/opt/x",) for entry in found.values())


def test_a_link_is_followed_and_one_file_is_one_entry(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(root, {"home/ann/dotfiles/bashrc": "x\n"})
    (root / "home/ann/.bashrc").symlink_to("dotfiles/bashrc")
    (root / "home/ann/.profile").symlink_to(".bashrc")
    (entry,) = [e for e in collect(root).entries if e.kind == "profile"]
    assert entry.system_path() == "/home/ann/dotfiles/bashrc"
