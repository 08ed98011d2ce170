import csv
import io
import re
from typing import Any

import yaml
import yara  # type: ignore[import-not-found]

from codered.export.indicators.velociraptor import make_velociraptor
from tests.fixtures.asked_requests import list_asked, shipped
from tests.fixtures.exported_packs import make_log, with_signs


def read_artifact() -> tuple[dict[str, Any], dict[str, str], str]:
    made = make_velociraptor(shipped())
    (file,) = made.files
    artifact = yaml.safe_load(file.data)
    return artifact, {one["name"]: one["default"] for one in artifact["parameters"]}, file.data.decode()


def read_table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_it_is_an_artifact_that_says_that_no_engine_has_seen_it() -> None:
    artifact, given, text = read_artifact()
    assert text.splitlines()[1].startswith("# NOT VALIDATED")
    assert "NOT VALIDATED" in artifact["description"]
    assert [source["name"] for source in artifact["sources"]] == ["Files", "Content", "Requests", "Processes"]
    used = " ".join(source["query"] for source in artifact["sources"])
    assert all(name in used for name in given)
    assert not re.search(r"execve|shell|rm\(|upload", used)
    yara.compile(source=given["YaraRules"])
    assert "kinsing_program" in given["YaraRules"]


def test_the_patterns_find_the_packs_lines_and_the_first_look_spares_none_of_them() -> None:
    _, given, _ = read_artifact()
    signs = [re.compile(row["Pattern"]) for row in read_table(given["RequestSigns"])]
    first = re.compile(given["Literals"])
    for one in list_asked():
        hit = any(sign.search(one.line) for sign in signs)
        assert not hit or first.search(one.line), one.line
        assert not hit or one.signs or one.errors or one.form not in {"access", "w3c"}, one.line
        assert hit or not one.plain, one.line


def test_files_and_processes_are_tables() -> None:
    _, given, _ = read_artifact()
    files = {row["Glob"]: row for row in read_table(given["FileSigns"])}
    assert files["*:/inetpub/scripts/root.exe"]["Sign"] == "codered2/root-exe likely"
    assert files["/tmp/Mozi.*"]["Why"].endswith("Look at the content too.")
    processes = {row["Sign"]: row for row in read_table(given["ProcessSigns"])}
    assert re.search(processes["sysrv/worm-process likely"]["Name"], "sysrv012")
    assert re.search(processes["sadmind-iis/worm-script-runs likely"]["Command"], "sh /dev/cuc/a.sh x")
    assert not re.search(processes["codered2/explorer-process confirmed"]["Exe"], r"C:\winnt\explorer.exe")


def test_what_it_can_not_say_is_named() -> None:
    left = {one.sign for one in make_velociraptor(shipped()).left_out}
    made = make_velociraptor((with_signs(make_log(pattern="a{3,1001}"), make_log("other", pattern="a{3,1000}")),))
    assert [one.sign for one in made.left_out] == ["inert/request"]
    assert left >= {"nimda/mutex", "nimda/readme-exe", "codered2/sfc-disabled", "react2shell/node-children"}
