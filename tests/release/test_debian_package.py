"""The Debian package: built twice the same, installed, used, damaged, upgraded, removed and purged in a throw-away root
that is this Debian's files under an overlay.
"""

import hashlib
import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest

from scripts.releasing.debian_package import ROOT, build_deb, main
from tests.fixtures.host_files import SYSTEM_PYTHON, build_shared

WHEN = 1_700_000_000
SECONDS = 180
# What dpkg itself keeps and writes; nothing else may be left.
OF_DPKG = ("var/lib/dpkg/", "var/log/dpkg.log")
_LIFE = """
set -eu
base=$1; deb=$2
mount --make-rprivate /
mount -t tmpfs -o mode=755 package "$base"
mkdir "$base/upper" "$base/work" "$base/root"
for own in var/lib/codered var/cache/codered; do # whiteouts: what this machine has of its own stays unseen
  mkdir -p "$base/upper/${own%/*}" && mknod "$base/upper/$own" c 0 0
done
mount -t overlay overlay -o "lowerdir=/,upperdir=$base/upper,workdir=$base/work" "$base/root"
root=$base/root
for folder in tmp run; do mount -t tmpfs -o mode=1777 package "$root/$folder"; done
mount -t tmpfs -o mode=755 package "$root/dev"
for device in null zero urandom; do touch "$root/dev/$device" && mount --bind "/dev/$device" "$root/dev/$device"; done
mount -t proc proc "$root/proc"
cp "$deb" "$root/tmp/codered.deb"
cat > "$root/tmp/life" <<'LIFE'
set -u
told=/tmp/told; mkdir $told /tmp/www; echo '<p>Hello</p>' > /tmp/www/index.html
step() { name=$1; shift; "$@" > $told/$name.out 2> $told/$name.err; echo $? > $told/$name.code; }
install() { dpkg -i --force-unsafe-io --no-triggers /tmp/codered.deb; }
step install install
step scan codered scan /tmp/www
step check codered self-check --json
step digests dpkg -V codered
find /usr/share -name '*codered*' ! -type d > $told/brought
find /usr/lib/codered -newer /var/lib/dpkg/info/codered.list ! -type d > $told/made
echo '# changed' >> /usr/lib/codered/lib/python3.11/site-packages/codered/drill.py
echo 'x = 1' > /usr/lib/codered/lib/python3.11/site-packages/sitecustomize.py
step damaged codered self-check
rm /usr/lib/codered/lib/python3.11/site-packages/sitecustomize.py
step upgrade install
step again dpkg -V codered
step remove dpkg -r --no-triggers codered
ls /var/lib/codered > $told/after-remove
step purge dpkg -P --no-triggers codered
LIFE
cat > "$root/tmp/kept" <<'KEPT'
set -u
told=/tmp/told
step() { name=$1; shift; "$@" > $told/$name.out 2> $told/$name.err; echo $? > $told/$name.code; }
dpkg -i --force-unsafe-io --no-triggers /tmp/codered.deb > /tmp/told/second 2>&1
mkdir -p /var/lib/codered/cases/c1/vault /var/lib/codered/containments/x /var/cache/codered
echo bits > /var/lib/codered/cases/c1/vault/taken
echo rules > /var/cache/codered/rules.bin
step kept dpkg -P --no-triggers codered
cat /var/lib/codered/cases/c1/vault/taken > $told/vault
ls -d /var/cache/codered > $told/cache 2>&1 || true
KEPT
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root chroot "$root" /bin/sh /tmp/life
cd "$base/upper"
find . -mindepth 1 \\( ! -type d -printf '%P\\n' -o -type d -printf '%P/\\n' \\) > "$root/tmp/told/left"
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root chroot "$root" /bin/sh /tmp/kept
tar -C "$root/tmp/told" -c .
"""


class Life(NamedTuple):
    """What each step of the package's life said."""

    told: Path

    def code(self, step: str) -> int:
        return int(self.read(f"{step}.code"))

    def read(self, name: str) -> str:
        return (self.told / name).read_text()


@pytest.fixture(scope="module")
def one_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(build_shared(tmp_path_factory).path)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory, one_file: Path) -> Path:
    path = tmp_path_factory.mktemp("package") / "codered.deb"
    build_deb(path, WHEN, one_file=one_file, squeezed=False)
    return path


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory, package: Path) -> Life:
    if os.geteuid() != 0:
        pytest.skip("a root of one's own needs root (mount namespace)")
    told = tmp_path_factory.mktemp("told")
    with tempfile.TemporaryDirectory(prefix="package-") as base:
        words = ["unshare", "--mount", "--pid", "--net", "--ipc", "--fork", "--kill-child", "sh", "-c", _LIFE, "life"]
        done = subprocess.run([*words, base, str(package)], capture_output=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr.decode()
    subprocess.run(["tar", "-C", str(told), "-x"], input=done.stdout, check=True)
    return Life(told)


def test_the_same_parts_give_the_same_bytes(package: Path, one_file: Path, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        build_deb(tmp_path / "again.deb", WHEN, one_file=one_file, squeezed=False)
    finally:
        os.umask(before)
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (package, tmp_path / "again.deb")]
    assert digests[0] == digests[1]
    assert [path.name for path in tmp_path.iterdir()] == ["again.deb"]


def test_it_says_what_it_needs_and_is_roots(package: Path) -> None:
    fields = subprocess.run(["dpkg-deb", "-f", str(package)], capture_output=True, text=True, check=True).stdout
    assert "Package: codered\n" in fields
    assert "Depends: python3 (>= 3.11), python3 (<< 3.12), libc6 (>= 2." in fields
    listed = subprocess.run(["dpkg-deb", "-c", str(package)], capture_output=True, text=True, check=True).stdout
    rights = {tuple(line.split()[:2]) for line in listed.splitlines()}
    modes = ("drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x", "lrwxrwxrwx")
    assert rights == {(mode, "root/root") for mode in modes}
    assert {line.split()[3] for line in listed.splitlines()} == {"2023-11-14"}


def test_it_installs_scans_and_brings_its_pages(life: Life) -> None:
    assert life.code("install") == 0, life.read("install.err")
    assert life.code("scan") == 0, life.read("scan.err")
    assert life.read("scan.out").startswith("CLEAN: nothing found in 1 file with ")
    assert (life.code("digests"), life.read("digests.out")) == (0, "")
    brought = life.read("brought").split()
    assert "/usr/share/man/man1/codered-self-check.1.gz" in brought
    assert "/usr/share/bash-completion/completions/codered" in brought
    assert "/usr/share/zsh/vendor-completions/_codered" in brought
    assert "/usr/share/fish/vendor_completions.d/codered.fish" in brought


def test_self_check_trusts_the_package_as_it_came(life: Life) -> None:
    found = json.loads(life.read("check.out"))
    assert (life.code("check"), found["installation"]) == (0, "debian"), found
    states = {check["subject"]: check["state"] for check in found["checks"]}
    wanted = ("own files", "packs", "examples", "memory", "removal and undo")
    assert {subject: states[subject] for subject in wanted} == dict.fromkeys(wanted, "good")


def test_running_it_makes_nothing_beside_it(life: Life) -> None:
    """No compiled files: a removal would leave them."""
    assert life.read("made") == ""


def test_self_check_tells_a_changed_and_an_added_file(life: Life) -> None:
    assert life.code("damaged") == 1
    told = next(line for line in life.read("damaged.out").splitlines() if " own files: " in line)
    assert "WRONG" in told
    assert "codered/drill.py was changed" in told
    assert "sitecustomize.py is not in the list" in told


def test_an_upgrade_over_what_is_there_makes_it_whole(life: Life) -> None:
    assert life.code("upgrade") == 0, life.read("upgrade.err")
    assert (life.code("again"), life.read("again.out")) == (0, "")


def test_removed_and_purged_it_leaves_nothing(life: Life) -> None:
    assert (life.code("remove"), life.code("purge")) == (0, 0)
    assert life.read("after-remove") != ""  # a removal alone keeps the state
    left = [
        name
        for name in life.read("left").splitlines()
        if not name.startswith(OF_DPKG) and not (name.endswith("/") and Path("/", name).is_dir())
    ]
    assert sorted(left) == ["var/cache/codered", "var/lib/codered"]  # the whiteouts: neither is there


def test_a_purge_never_takes_the_vault(life: Life) -> None:
    assert life.code("kept") == 0
    told = "codered: /var/lib/codered is kept: it holds evidence, keys, the vault, journals or plans"
    assert told in life.read("kept.err")
    assert "/var/lib/codered/containments is not empty" in life.read("kept.err")
    assert life.read("vault") == "bits\n"
    assert "No such file" in life.read("cache")


def purge(folder: Path) -> str:
    """What postrm says when it purges the state and the cache in this folder."""
    script = (ROOT / "release" / "debian" / "postrm").read_text()
    words = ["sh", "-c", script.replace("/var/", f"{folder}/"), "postrm", "purge"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_a_purge_keeps_the_key_that_signed_evidence(tmp_path: Path) -> None:
    state = tmp_path / "lib" / "codered"
    (state / "packs" / "one").mkdir(parents=True)
    (state / "packs" / "one" / "pack.yaml").write_text("")
    (state / "keys").mkdir()
    (state / "keys" / "host.key").write_text("secret")
    assert "codered is kept: it holds evidence, keys, the vault" in purge(tmp_path)
    assert (state / "keys" / "host.key").read_text() == "secret"
    (state / "keys" / "host.key").unlink()
    assert (purge(tmp_path), state.exists()) == ("", False)


def test_a_purge_follows_no_link(tmp_path: Path) -> None:
    own = tmp_path / "own"
    (own / "work").mkdir(parents=True)
    (own / "work" / "file").write_text("mine")
    state, cache = tmp_path / "lib" / "codered", tmp_path / "cache" / "codered"
    for place in (state, cache):
        place.mkdir(parents=True)
    (state / "packs").symlink_to(own)
    (cache / "rules").symlink_to(own)
    assert (purge(tmp_path), state.exists(), cache.exists()) == ("", False, False)
    state.symlink_to(own)
    assert "codered is a link, and is left" in purge(tmp_path)
    assert (own / "work" / "file").read_text() == "mine"


def test_the_one_file_that_is_given_is_what_is_packed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(WHEN))
    assert main([str(tmp_path / "codered.deb"), str(tmp_path / "none.pyz")]) == 2
    assert "No such file" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_wrong_use_is_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main([]) == 2
    assert capsys.readouterr().err.startswith("build-deb: give one file that ends in .deb")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    assert main(["codered.deb"]) == 2
    assert "SOURCE_DATE_EPOCH: is no number of seconds" in capsys.readouterr().err


def test_help_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert capsys.readouterr().out.startswith("usage: scripts/build-deb FILE.deb [codered.pyz]\n")


def test_the_target_is_looked_at_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(WHEN))
    (tmp_path / "folder.deb").mkdir()
    (tmp_path / "file").write_text("")
    for target, why in (
        (tmp_path / "folder.deb", f"{tmp_path}/folder.deb: is a folder or a link — "),
        (tmp_path / "file/deep/codered.deb", f"{tmp_path}/file: can't be written in: Not a directory — "),
        (Path("/proc/codered.deb"), "/proc: can't be written in: "),
    ):
        assert main([str(target)]) == 2
        (line,) = capsys.readouterr().err.splitlines()  # nothing was begun
        assert line.startswith(f"build-deb: {why}")


def test_it_says_what_it_is_doing(one_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build_deb(tmp_path / "new.deb", WHEN, one_file=one_file, squeezed=False)
    said = capsys.readouterr().err.splitlines()
    assert said[1:] == ["build-deb: laying out its files …", "build-deb: packing …"]


def test_the_package_is_for_the_python_of_the_tests() -> None:
    """The script above names its folder."""
    assert Path(SYSTEM_PYTHON).name == "python3.11"
    assert (ROOT / "release" / "debian" / "postrm").is_file()
