from collections.abc import Callable

import pytest

from codered.packs.checks.autostart import LINUX_KINDS, check_autostart
from codered.packs.problems import CheckedPack

MakePack = Callable[..., CheckedPack]


def check(checked_pack: MakePack, sign: str) -> list[str]:
    """What is wrong with a pack that has this autostart sign."""
    entry = f"""autostart:
  - id: demo-start
    because: The worm starts again.
    confidence: likely
    severity: high
    references: [source]
{sign}
processes:
"""
    return [problem.what for problem in check_autostart(checked_pack(("pack.yaml", "processes:\n", entry)))]


def test_the_kinds_of_linux_are_those_of_the_model() -> None:
    assert {"cron", "systemd", "preload"} <= LINUX_KINDS
    assert LINUX_KINDS.isdisjoint(("run_key", "service", "task"))


@pytest.mark.parametrize(
    "sign",
    [
        "    kind: cron\n    command: '*/tmp/demo*'",
        "    kind: systemd\n    name: demo.service",
        "    kind: preload\n    command: libdemo.so",
        "    kind: run_key\n    command: 'C:\\demo.exe'",
        "    kind: service\n    name: Demo\n    command: '*\\demo.exe -k'",
        "    kind: task\n    command: '*demo.exe /every /c'",
    ],
)
def test_a_sign_that_can_be_found(checked_pack: MakePack, sign: str) -> None:
    assert check(checked_pack, sign) == []


@pytest.mark.parametrize(
    "sign", ["    kind: cron", "    kind: run_key\n    command: '*'", "    kind: at\n    name: '* '"]
)
def test_a_sign_that_finds_nothing(checked_pack: MakePack, sign: str) -> None:
    assert check(checked_pack, sign) == ["`demo-start` finds nothing"]


@pytest.mark.parametrize(
    ("sign", "system"),
    [
        ("    kind: cron\n    command: 'C:\\demo.exe'", "Linux, where cron belongs"),
        ("    kind: systemd\n    command: '*?:\\demo.exe*'", "Linux, where systemd belongs"),
        ("    kind: run_key\n    command: '/tmp/demo'", "Windows, where run_key belongs"),
        ("    kind: service\n    command: '*/etc/demo*'", "Windows, where service belongs"),
    ],
)
def test_a_command_of_another_system(checked_pack: MakePack, sign: str, system: str) -> None:
    (what,) = check(checked_pack, sign)
    assert what.endswith(f"is no command on {system}")
