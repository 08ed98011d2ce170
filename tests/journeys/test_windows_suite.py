"""tests/windows, run by a real Windows Python under Wine.

Wine's own schtasks, netsh, tasklist, systeminfo and powershell do nothing and say that all went well: what calls those
is tested by the call, never by its effect. Wine has no alternate streams and no reparse points.
"""

import re
from pathlib import Path

from tests.fixtures.windows_python import windows_python

FEWEST = 48  # tests


def test_the_windows_suite_passes(tmp_path: Path) -> None:
    with windows_python(tmp_path) as windows:
        answer = windows.run(
            "Y:\\python.exe", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib", "-c", "NUL",
            "--rootdir=Z:\\tests\\windows", "--confcutdir=Z:\\tests\\windows", "Z:\\tests\\windows", seconds=280,
        )  # fmt: skip
    said = answer.stdout.decode(errors="replace") + answer.stderr.decode(errors="replace")
    print(said)
    assert answer.returncode == 0, said[-6000:]
    passed = re.search(r"(\d+) passed", said)
    assert passed is not None, said[-3000:]
    assert int(passed[1]) >= FEWEST
    assert not re.search(r"\d+ (failed|error|skipped|xfailed|deselected)", said), said[-3000:]
