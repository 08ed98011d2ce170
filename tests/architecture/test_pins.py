"""Pins: host holds what pyproject asks for, dev holds host, and no pin names a place."""

import re
import tomllib

from tests.architecture.source_tree import ROOT

REQUIREMENTS = ROOT / "requirements"
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<release>[^ ;\\]+)(?P<marker> ;[^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def read_pins(name: str) -> dict[str, str]:
    pins = {}
    for line in (REQUIREMENTS / f"{name}.txt").read_text("utf-8").splitlines():
        pin = PIN.match(line)
        assert pin or HASH.match(line), f"{name}.txt: {line}: neither a pin nor a hash"
        if pin:
            pins[pin["name"]] = pin["release"] + (pin["marker"] or "")
    return pins


def read_wishes(name: str) -> list[str]:
    lines = (REQUIREMENTS / f"{name}.in").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-"))]


def name_of(wish: str) -> str:
    return re.split(r"[<>=!~ ;\[]", wish)[0].lower().replace("_", "-").replace(".", "-")


HEADQUARTERS = frozenset(["ansible", "devices", "hq", "postgresql", "reports"])  # extras that only headquarters needs
UNPINNED = frozenset(["napalm"])  # a part of it is there as source only (decision 0039)
MARKERS = re.compile(r" ;| (?:and|or) ")


def test_host_and_headquarters_ask_for_what_the_project_depends_on() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    host = [wish for name, wishes in extras.items() if name not in HEADQUARTERS | UNPINNED for wish in wishes]
    assert sorted(read_wishes("host")) == sorted([*project["dependencies"], *host])
    assert sorted(read_wishes("hq")) == sorted(wish for name in HEADQUARTERS for wish in extras[name])


def test_every_wish_is_pinned() -> None:
    for name in ("host", "hq", "dev", "mutation", "salt", "salt-build", "windows-build"):
        assert {name_of(wish) for wish in read_wishes(name)} <= set(read_pins(name)), "run scripts/lock"


def test_headquarters_holds_the_host_pins_and_dev_its() -> None:
    assert find_others("host", "hq") == {}
    assert find_others("hq", "dev") == {}


def test_dev_holds_the_host_pins() -> None:
    assert find_others("host", "dev") == {}


def find_others(small: str, large: str) -> dict[str, str]:
    """The pins of one file that the larger one does not hold in the same release. It may install one on more systems
    and Pythons than the smaller one needs it for: with fewer markers, never with others.
    """
    held = read_pins(large)
    wrong = {}
    for name, pin in read_pins(small).items():
        release, *markers = MARKERS.split(pin)
        found, *wider = MARKERS.split(held.get(name, ""))
        if found != release or not set(wider) <= set(markers):
            wrong[name] = pin
    return wrong


def test_windows_holds_the_host_pins_without_markers() -> None:
    """pip reads markers for the system it runs on, not the one it installs for. Others' pins stay out."""
    host, windows = read_pins("host"), read_pins("windows")
    assert not [pin for pin in (*windows.values(), *read_pins("windows-build").values()) if ";" in pin]
    elsewhere = {name for name, pin in host.items() if pin.endswith("sys_platform == 'linux'")}
    assert {name: pin.split(" ;")[0] for name, pin in host.items() if name not in elsewhere}.items() <= windows.items()
    assert not elsewhere & windows.keys()
