from codered.packs.loading import find_packs_folder
from codered.rescue.gathering import PACKAGES, PYTHON, list_system, read_parts


def test_the_medium_holds_all_that_the_tool_needs_and_no_tests() -> None:
    names = {entry.name for entry in list_system(find_packs_folder())}
    wanted = {
        "init", "bin", "usr/bin/python3", f"{PYTHON}/os.py", f"{PACKAGES}/codered/cli/rescue.py", "usr/bin/ntfs-3g",
        f"{PACKAGES}/codered/shipped_packs/codered2/pack.yaml", f"{PACKAGES}/yara_x/__init__.py",
        "usr/lib/x86_64-linux-gnu/libhivex.so.0", "usr/lib/x86_64-linux-gnu/libc.so.6", "usr/bin/busybox",
        "usr/lib/x86_64-linux-gnu/gconv/UTF-16.so", "etc/modules-to-load",
    }  # fmt: skip
    assert not wanted - names
    assert not [name for name in names if "/test/" in name or name.startswith(f"{PYTHON}/idlelib")]
    assert not [name for name in names if name.startswith("/") or ".." in name.split("/")]
    assert {program.package for program in read_parts().programs} >= {"ntfs-3g", "busybox-static"}
