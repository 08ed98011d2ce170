from pathlib import Path

from codered.model.persistence import Autostart
from tests.fixtures.autostart_roots import collect, make_root, write

UNIT = "[Service]\nExecStart=/opt/x\n"


def units(root: Path) -> dict[str, Autostart]:
    return {entry.system_path(): entry for entry in collect(root).entries if entry.kind == "systemd"}


def link(root: Path, name: str, target: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def test_units_of_the_system_of_all_users_and_of_one(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    places = ("etc/systemd/system", "run/systemd/system", "usr/lib/systemd/system", "usr/local/lib/systemd/system",
              "etc/systemd/user", "home/ann/.config/systemd/user", "root/.config/systemd/user")  # fmt: skip
    write(root, {f"{place}/x.service": UNIT for place in places})
    found = units(root)
    assert set(found) == {f"/{place}/x.service" for place in places}
    assert {entry.command for entry in found.values()} == {"/opt/x"}
    assert found["/home/ann/.config/systemd/user/x.service"].user == "ann"
    assert "runtime" in found["/run/systemd/system/x.service"].facts


def test_the_links_that_switch_a_unit_on(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(root, {"etc/systemd/system/x.service": UNIT, "etc/systemd/system/t@.service": UNIT})
    link(root, "etc/systemd/system/multi-user.target.wants/x.service", "/etc/systemd/system/x.service")
    link(root, "etc/systemd/system/alias.service", "x.service")
    link(root, "etc/systemd/system/getty.target.wants/t@1.service", "/etc/systemd/system/t@.service")
    found = units(root)
    assert {Path(path.text).name for path in found["/etc/systemd/system/x.service"].links} == {
        "x.service",
        "alias.service",
    }
    assert [Path(path.text).name for path in found["/etc/systemd/system/t@.service"].links] == ["t@1.service"]


def test_a_unit_that_is_linked_from_elsewhere(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(root, {"opt/x/odd.service": UNIT})
    link(root, "etc/systemd/system/odd.service", "/opt/x/odd.service")
    assert [path.text for path in units(root)["/opt/x/odd.service"].links] == [f"{root}/etc/systemd/system/odd.service"]


def test_masks_are_nothing(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    link(root, "etc/systemd/system/x.service", "/dev/null")
    write(root, {"etc/systemd/system/y.service": ""})
    assert units(root) == {}


def test_drop_ins_timers_generators_and_what_does_not_parse(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(
        root,
        {
            "etc/systemd/system/x.service.d/a.conf": UNIT,
            "etc/systemd/system/x.timer": "[Timer]\nOnCalendar=daily\n",
            "etc/systemd/system/odd.service": "\0\0nonsense",
            "etc/systemd/system-generators/gen": "#!/bin/sh\n",
            "usr/lib/systemd/system-sleep/hook": "#!/bin/sh\n",
        },
    )
    found = units(root)
    assert found["/etc/systemd/system/x.service.d/a.conf"].entry == "x.service"
    assert "drop-in" in found["/etc/systemd/system/x.service.d/a.conf"].facts
    assert found["/etc/systemd/system/x.timer"].runs == ("x.service",)
    assert "does-not-parse" in found["/etc/systemd/system/odd.service"].facts
    assert "generator" in found["/etc/systemd/system-generators/gen"].facts
    assert found["/usr/lib/systemd/system-sleep/hook"].entry == "hook"
