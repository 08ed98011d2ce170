"""polkit: rules that say yes."""

from pathlib import Path

import pytest

from tests.fixtures.autostart_roots import judge, make_root, named, own, write

YES = "polkit.addRule(function(action, subject) {\n\treturn polkit.Result.YES;\n});\n"
BOUND = """polkit.addRule(function(action, subject) {
    if (action.id == "org.freedesktop.systemd1.manage-units" && subject.isInGroup("ops")) { return polkit.Result.YES; }
});
"""
PKLA = "[Allow Everything]\nIdentity=unix-user:*\nAction=*\nResultAny=yes\nResultInactive=yes\nResultActive=yes\n"


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("etc/polkit-1/rules.d/99-x.rules", YES),
        ("usr/share/polkit-1/rules.d/00-x.rules", "/* if (x) */" + YES),
        ("etc/polkit-1/localauthority/50-local.d/x.pkla", PKLA),
        ("var/lib/polkit-1/localauthority/10-vendor.d/x.pkla", PKLA),
    ],
)
def test_everybody_may_do_everything(tmp_path: Path, place: str, text: str) -> None:
    write(make_root(tmp_path), {place: text})
    found = named(judge(tmp_path))[f"/{place}"]
    assert (found.remedy, found.confidence, found.indicator) == ("quarantine_file", "likely", "polkit-yes-for-all")


def test_bound_rules_are_none(tmp_path: Path) -> None:
    own(make_root(tmp_path), "tool", {"usr/share/polkit-1/rules.d/tool.rules": YES})
    bound = "[Ann]\nIdentity=unix-user:ann\nAction=org.x.*\nResultActive=yes\n"
    write(
        tmp_path, {"etc/polkit-1/rules.d/10-ops.rules": BOUND, "etc/polkit-1/localauthority/50-local.d/a.pkla": bound}
    )
    assert judge(tmp_path) == ()


def test_hostile_files_take_no_time(tmp_path: Path) -> None:
    texts = {"a.rules": "/*" * 500_000, "b.rules": "//" * 300_000 + "\0", "c.rules": "return ( " * 100_000}
    write(make_root(tmp_path), {f"etc/polkit-1/rules.d/{name}": text for name, text in texts.items()})
    write(tmp_path, {"etc/polkit-1/localauthority/x/x.pkla": "Action=" + "= * " * 200_000})
    assert judge(tmp_path) == ()
