"""Where headquarters is, and what its file may say."""

import errno
import os
from pathlib import Path

import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.config import (
    SECRET_NAME,
    Config,
    advise_folder,
    headquarters_folder,
    is_exercise,
    make_console_secret,
    make_databases,
    make_headquarters_folder,
    read_config,
    read_console_secret,
)


def test_the_folder_is_private_and_chosen(headquarters: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert headquarters_folder() == headquarters
    assert make_headquarters_folder().stat().st_mode & 0o777 == 0o700
    blocked = headquarters / "file"
    blocked.write_text("")
    monkeypatch.setenv("CODERED_HQ", str(blocked / "below"))
    with pytest.raises(WrongUse, match="can't be made"):
        make_headquarters_folder()
    monkeypatch.delenv("CODERED_HQ")
    assert headquarters_folder().name == "codered-hq"


def test_its_file(tmp_path: Path) -> None:
    assert read_config(tmp_path) == Config()
    file = tmp_path / "headquarters.toml"
    file.write_text('name = "hq1"\nengine = "salt"\n[ansible]\nuser = "ops"\nforks = 5\n[ansible.variables]\na = "b"\n')
    found = read_config(tmp_path)
    assert (found.name, found.engine, found.ansible.user, found.ansible.variables) == ("hq1", "salt", "ops", {"a": "b"})
    for text in (
        "nmae = 1",
        'engine = "puppet"',
        "[",
        "name = 3",
        "approval_minutes = 0",
        "approval_minutes = 1441",
        "watch_minutes = 0",
        "x = '" + "y" * (1 << 20) + "'",
    ):
        file.write_text(text)
        with pytest.raises(WrongUse, match=r"headquarters\.toml"):
            read_config(tmp_path)


def test_a_file_with_secrets_is_private_and_no_link(tmp_path: Path) -> None:
    file = tmp_path / "headquarters.toml"
    file.write_text('[[snmp]]\ndevices = ["10.0.0.2"]\ncommunity = "c"\n')
    file.chmod(0o644)
    with pytest.raises(WrongUse, match="others may read it"):
        read_config(tmp_path)
    file.chmod(0o600)
    assert read_config(tmp_path).snmp[0].devices == ("10.0.0.2",)
    os.mkfifo(tmp_path / "pipe")
    file.rename(tmp_path / "elsewhere")
    (tmp_path / "pipe").rename(file)
    with pytest.raises(WrongUse, match="no plain file"):  # not read as an empty one
        read_config(tmp_path)
    file.unlink()
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WrongUse, match="can't be read"):
        read_config(tmp_path)


def test_databases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = make_databases(Config(), tmp_path)["default"]
    assert own["NAME"] == str(tmp_path / "headquarters.sqlite3")
    assert own["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    monkeypatch.setenv("CODERED_HQ_DATABASE", "postgresql://ann:p%40ss@db.example:5433/hq")
    there = make_databases(Config(database="sqlite:///x"), tmp_path)["default"]
    assert (there["USER"], there["PASSWORD"], there["HOST"], there["PORT"], there["NAME"]) == (
        "ann",
        "p@ss",
        "db.example",
        "5433",
        "hq",
    )
    for url in ("mysql://x/y", "sqlite://host/x", "postgresql://", "x", "postgresql://[::1", "postgresql://h:port/x"):
        monkeypatch.setenv("CODERED_HQ_DATABASE", url)
        with pytest.raises(WrongUse, match="database"):
            make_databases(Config(), tmp_path)
    assert os.environ["CODERED_HQ_DATABASE"]


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "headquarters.toml").write_bytes(b"\xe0\x00\xff")
    with pytest.raises(WrongUse, match="is no text"):
        read_config(tmp_path)


def test_the_advice_fits_whose_folder_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = PermissionError(errno.EACCES, "Permission denied")
    monkeypatch.setenv("CODERED_HQ", str(tmp_path))
    owner = "root" if os.getuid() == 0 else f"user {os.getuid()}"
    assert advise_folder(tmp_path, refused) == f"it is {owner}'s: run as {owner}, or set CODERED_HQ to another"
    monkeypatch.delenv("CODERED_HQ")
    assert advise_folder(tmp_path / "none", refused) == "it is root's: run as root, or set CODERED_HQ: it is not set"
    assert "that you can write to" in advise_folder(tmp_path, OSError(errno.ENOSPC, "full"))


def test_the_secret_of_the_console_is_made_once_for_its_owner_and_is_no_link(tmp_path: Path) -> None:
    assert read_console_secret(tmp_path) != read_console_secret(tmp_path)  # none is there: of this process
    make_console_secret(tmp_path)
    kept = read_console_secret(tmp_path)
    make_console_secret(tmp_path)
    assert read_console_secret(tmp_path) == kept
    assert (tmp_path / SECRET_NAME).stat().st_mode & 0o077 == 0
    (tmp_path / SECRET_NAME).rename(tmp_path / "elsewhere")
    (tmp_path / SECRET_NAME).symlink_to(tmp_path / "elsewhere")
    assert read_console_secret(tmp_path) != kept
    (tmp_path / SECRET_NAME).unlink()
    (tmp_path / SECRET_NAME).write_text("short")
    assert len(read_console_secret(tmp_path)) > 40
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "keys").write_text("in its way")
    with pytest.raises(WrongUse, match="can't be written"):
        make_console_secret(tmp_path / "other")


def test_an_exercise_says_so_in_its_file(headquarters: Path) -> None:
    headquarters.mkdir()
    assert not is_exercise()
    (headquarters / "headquarters.toml").write_text('exercise = "simulated"\n')
    assert is_exercise()
    for unknown in ("real", "lab"):
        (headquarters / "headquarters.toml").write_text(f'exercise = "{unknown}"\n')
        with pytest.raises(WrongUse, match="exercise"):
            is_exercise()


def test_a_drill_plays_in_no_database_but_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, real = tmp_path / "drill", tmp_path / "real"
    for folder in (own, real):
        folder.mkdir()
    (own / "linked").symlink_to(real)
    played = Config(exercise="simulated")
    assert make_databases(played, own)["default"]["NAME"] == str(own / "headquarters.sqlite3")
    for url in (
        "postgresql://war:secret@db.example/real",
        f"sqlite:///{real}/headquarters.sqlite3",
        f"sqlite:///{own}/../real/headquarters.sqlite3",
        f"sqlite:///{own}/linked/headquarters.sqlite3",
    ):
        monkeypatch.setenv("CODERED_HQ_DATABASE", url)
        with pytest.raises(Refused, match="unset CODERED_HQ_DATABASE") as refused:
            make_databases(played, own)
        assert "secret" not in str(refused.value)
        make_databases(Config(), own)
        monkeypatch.delenv("CODERED_HQ_DATABASE")
        with pytest.raises(Refused, match="its own folder alone"):
            make_databases(Config(exercise="simulated", database=url), own)
