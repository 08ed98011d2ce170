"""Comparing versions: against dpkg and rpm themselves, and as an order."""

import subprocess
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codered.detect.versions import Scheme, compare_versions

DEBIAN = (
    "2.4.57-2", "2.4.57-2+deb12u1", "2.4.62-1~deb12u2", "2.4.62-1", "2.4.9-1", "1:9.2p1-2+deb12u3", "1:9.2p1-2",
    "1:8.4p1-5+deb11u3", "0.8.12-2", "2.15.0-1~deb10u1", "2.15.0-1~deb11u1", "2.17.1-1~deb11u1", "2.19.0-2",
    "5:6.0.16-1+deb11u2", "5:7.0.15-1~deb12u1", "3.0.11-1~deb12u2", "3.0.9-1", "1.1.1w-0+deb11u1", "1.1.1n-0+deb11u5",
    "6.1.1+dfsg1-1~deb12u1", "6.1.6+dfsg1-0+deb12u1", "5.7.8+dfsg1-0+deb11u2", "4:5.2.1+dfsg-1", "4:5.0.4+dfsg2-2",
    "8.2.7-1~deb12u1", "8.2.20-1~deb12u1", "8.2.26-1~deb12u1", "7.4.33-1+deb11u5", "2:8.2+93", "2:8.2+93+nmu1",
    "1.22.1-9", "1.22.1-9+deb12u1", "1.18.0-6.1+deb11u3", "9.6.3-1", "2.36-9+deb12u4", "2.36-9+deb12u10",
    "1.21.22", "1.20.13", "2.6.1", "2.2.4", "252.22-1~deb12u1", "247.3-7+deb11u5", "5.4.1-0.2", "5.6.1+really5.4.5-1",
    "5.6.1-1", "5.4.1-1", "1.9.13p3-1+deb12u1", "1.9.5p2-3+deb11u1", "2023.03-1", "20230311", "20210119",
    "0~20171227.1", "0", "1.0~rc1-1", "1.0~~", "1.0~", "1.0", "1.0-0", "1.0-1", "1.0-1.1", "1.0+b1", "1.0a", "1.0.1",
    "1.00", "00:1.0", "1:0", "1.0-1~bpo12+1", "1.2.3-4ubuntu5", "0.0.0~git20230101", "1.0_1", "2.31-13+deb11u8",
    "12.4+deb12u5",
)  # fmt: skip
RPM = (
    "1.0", "1.0-1", "1.0-1.el9", "1.0-1.el8_6.2", "1.0~rc1-1", "1.0^git1-1", "1.0^", "1.0~", "1.0~~", "1.0^20200101",
    "1.0.1", "1.0a", "1.0.a", "1:0.5-1", "0:1.0-1", "2.15.0-1.el9", "2.17.1-1.el9", "10.0", "9.9", "1.0~rc1^git1",
    "1.0~rc1", "1_0", "1..0", "a", "1a1", "1a2", "20230101", "2.4.57-5.el9", "2.4.37-65.module+el8.10", "1.0010", "1.9",
)  # fmt: skip


@pytest.mark.parametrize("left", DEBIAN)
def test_as_dpkg_says(left: str) -> None:
    assert len(DEBIAN) >= 60
    near = DEBIAN.index(left)
    for right in (*DEBIAN[max(0, near - 4) : near + 5], *DEBIAN[52:64]):
        word = {-1: "lt", 0: "eq", 1: "gt"}[compare_versions("dpkg", left, right)]
        assert subprocess.run(["dpkg", "--compare-versions", left, word, right], check=False).returncode == 0


def test_as_rpm_says() -> None:
    pairs = list(combinations(RPM, 2))
    table = ",".join(f'"{one}"' for one in RPM)
    loop = "for i = 1, #t do for j = i + 1, #t do print(rpm.vercmp(t[i], t[j]) .. ' ') end end"
    said = subprocess.run(
        ["rpm", "--eval", "%{lua: local t = {" + table + "} " + loop + "}"], capture_output=True, text=True, check=True
    )
    wanted = [int(word) for word in said.stdout.split()]
    assert len(wanted) == len(pairs)
    got = [compare_versions("rpm", a, b) for a, b in pairs]
    assert [(pair, g, w) for pair, g, w in zip(pairs, got, wanted, strict=True) if g != w] == []


def ascending(scheme: Scheme, *versions: str) -> None:
    for older, newer in combinations(versions, 2):
        assert compare_versions(scheme, older, newer) == -1, (older, newer)
        assert compare_versions(scheme, newer, older) == 1, (older, newer)


def test_semver_in_the_order_of_its_own_text() -> None:
    ascending(
        "semver", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
        "1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1",
    )  # fmt: skip
    ascending("semver", "14.3.0-canary.76", "14.3.0-canary.77", "14.3.0", "15.0.0-rc.1", "15.0.4", "15.0.5", "15.0.10")
    assert compare_versions("semver", "v1.2.3+build", "1.2.3") == 0


def test_words_of_php_and_java() -> None:
    ascending("loose", "5.0.0-dev", "5.0.0-alpha1", "5.0.0-beta3", "5.0.0-RC1", "5.0.0", "5.0.0pl1", "5.0.1")
    ascending("loose", "2.0-beta9", "2.0-rc2", "2.0", "2.0.1", "2.12.1", "2.12.2", "2.14.1", "2.15.0")
    ascending("loose", "4.8.27", "4.8.28", "5.6.2", "5.6.3", "10.0")
    for same in ("1.0", "1.0.0", "v1", "1.0.Final", "1.0-GA"):
        assert compare_versions("loose", same, "1") == 0


def test_versions_of_windows_files() -> None:
    ascending("dotted", "5.0.1781.3", "5.0.1782.4", "5.0.2195.1600", "5.0.2195.3645", "5.0.2195.5617", "5.2.0")
    assert compare_versions("dotted", "5.0", "5.0.0.0") == 0


def test_no_number_is_too_long() -> None:
    for scheme in SCHEMES:
        assert compare_versions(scheme, "1." + "9" * 100, "1." + "9" * 99) == 1
        compare_versions(scheme, "9" * 100_000, "-" * 100_000)


SCHEMES: tuple[Scheme, ...] = ("dpkg", "rpm", "semver", "loose", "dotted")
ANY = st.text(alphabet="0129abrc.~^-+: _é", max_size=12) | st.text(max_size=8)


@pytest.mark.parametrize("scheme", SCHEMES)
@settings(max_examples=120, deadline=None)
@given(a=ANY, b=ANY, c=ANY)
def test_an_order(scheme: Scheme, a: str, b: str, c: str) -> None:
    assert compare_versions(scheme, a, a) == 0
    assert compare_versions(scheme, a, b) == -compare_versions(scheme, b, a)
    if compare_versions(scheme, a, b) <= 0 and compare_versions(scheme, b, c) <= 0:
        assert compare_versions(scheme, a, c) <= 0
