from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.autostart.git_hooks import ConfigLine, parse_git_config
from tests.fixtures.autostart_roots import collect, make_root, write

CONFIG = b"""[core]
\tbare = false
\tPager = less
[alias] up = !git pull
[alias]
\tco = checkout
[filter "lfs"]
\tclean = git-lfs clean
# pager = no
[include]
\tpath = /tmp/x
"""


def test_the_lines_that_name_something_to_run() -> None:
    assert list(parse_git_config(CONFIG)) == [
        ConfigLine(3, "core.pager", "less"),
        ConfigLine(4, "alias.up", "!git pull"),
        ConfigLine(8, "filter.clean", "git-lfs clean"),
        ConfigLine(11, "include.path", "/tmp/x"),
    ]


@given(st.binary(max_size=300))
def test_no_configuration_is_too_odd(data: bytes) -> None:
    assert all(line.number > 0 for line in parse_git_config(data))


def test_repositories_and_what_users_set(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(
        root,
        {
            "etc/gitconfig": "[core]\n\tpager = /opt/a\n",
            "home/ann/.gitconfig": "[core]\n\thooksPath = /opt/b\n",
            "home/ann/src/app/.git/hooks/pre-commit": "#!/bin/sh\n",
            "home/ann/src/app/.git/hooks/pre-push.sample": "#!/bin/sh\n",
            "home/ann/src/app/.git/config": "[core]\n\tfsmonitor = /opt/c\n",
            "srv/bare/hooks/post-receive": "#!/bin/sh\n",
            "srv/bare/objects/x": "",
            "srv/bare/refs/x": "",
            "home/ann/node_modules/x/.git/hooks/pre-commit": "#!/bin/sh\n",
        },
    )
    found = {(e.entry, e.line, e.user, e.command) for e in collect(root).entries if e.kind == "git_hook"}
    assert found == {
        ("core.pager", 2, "", "/opt/a"),
        ("core.hookspath", 2, "ann", "/opt/b"),
        ("pre-commit", 0, "ann", ""),
        ("core.fsmonitor", 2, "ann", "/opt/c"),
        ("post-receive", 0, "", ""),
    }


def test_a_search_that_ended_early_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codered.collect.autostart.git_hooks.MOST_FOLDERS", 3)
    root = make_root(tmp_path)
    write(root, {f"home/ann/{number}/x": "" for number in range(9)})
    (item,) = [item for item in collect(root).unread if item.rel == b"home/ann"]
    assert (item.state, "not all were searched" in item.why) == ("skipped", True)
