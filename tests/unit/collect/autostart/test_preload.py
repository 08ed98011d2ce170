"""Libraries that every program loads."""

from pathlib import Path

import pytest

from tests.fixtures.autostart_roots import judge, make_root, named, own, write


@pytest.mark.parametrize(
    ("line", "library"),
    [
        ("/lib/preload_backdoor.so", "lib/preload_backdoor.so"),
        ("/dev/shm/.x.so", "dev/shm/.x.so"),
        ("hook.so", "usr/lib/hook.so"),
        ("/lib/gone.so", ""),
    ],
)
def test_a_preloaded_library_of_no_package_is_found(tmp_path: Path, line: str, library: str) -> None:
    write(make_root(tmp_path), {"etc/ld.so.preload": f"# x\n{line}\n"})
    if library:
        write(tmp_path, {library: "\0marker"})
    found = named(judge(tmp_path))["/etc/ld.so.preload:2"]
    assert (found.subject.key, found.remedy, found.confidence) == ("preload", "remove_line", "likely")


def test_the_library_goes_too_but_nothing_that_is_none(tmp_path: Path) -> None:
    own(make_root(tmp_path), "libjemalloc2", {"usr/lib/libjemalloc.so.2": "\x7fELF"})
    write(tmp_path, {"etc/ld.so.preload": "/opt/x.so /usr/lib/libjemalloc.so.2 /home/ann/letter\n"})
    write(tmp_path, {"opt/x.so": "\x7fELF", "home/ann/letter": "Dear"})
    found = {name: finding.remedy for name, finding in named(judge(tmp_path)).items()}
    assert found == {"/etc/ld.so.preload:1": "remove_line", "/opt/x.so": "quarantine_file"}


def test_a_library_of_a_package_is_none(tmp_path: Path) -> None:
    own(make_root(tmp_path), "libjemalloc2", {"usr/lib/libjemalloc.so.2": "\0ELF"})
    write(tmp_path, {"etc/ld.so.preload": "/usr/lib/libjemalloc.so.2 libjemalloc.so.2\n"})
    assert judge(tmp_path) == ()


def test_a_foreign_library_behind_an_owned_one_is_found(tmp_path: Path) -> None:
    own(make_root(tmp_path), "libjemalloc2", {"usr/lib/libjemalloc.so.2": "\0ELF"})
    write(tmp_path, {"etc/ld.so.preload": "/usr/lib/libjemalloc.so.2:/opt/x.so\n", "opt/x.so": "\0"})
    assert "/etc/ld.so.preload:1" in named(judge(tmp_path))


def test_a_library_folder_where_everybody_may_write(tmp_path: Path) -> None:
    write(
        make_root(tmp_path),
        {"etc/ld.so.conf.d/x.conf": "/usr/lib/ok\n/var/libs\n", "var/libs/a": "", "usr/lib/ok/a": ""},
    )
    (tmp_path / "var/libs").chmod(0o1777)
    assert list(named(judge(tmp_path))) == ["/etc/ld.so.conf.d/x.conf:2"]


def test_hostile_files(tmp_path: Path) -> None:
    write(make_root(tmp_path), {"etc/ld.so.preload": "\0\0\x80" + "a" * (2 << 20)})
    judge(tmp_path)
    (tmp_path / "etc/ld.so.preload").unlink()
    (tmp_path / "etc/ld.so.preload").symlink_to("../../../../../../etc/passwd")
    assert all(":" in name for name in named(judge(tmp_path)))
