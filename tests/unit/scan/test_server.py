from pathlib import Path

import pytest

from codered.detect.places import Places
from codered.model.target import Place
from codered.scan.request import ScanRequest
from codered.scan.server import Server
from codered.scan.tasks import DumpTask, FilesTask, LiveTask
from codered.scan.worker import Worker
from codered.targets import open_target
from codered.targets.windows_names import canonical_windows_path
from tests.fixtures.small_packs import make_pack, make_rules
from tests.fixtures.windows_roots import lay_out_windows2000


def make_server(root: Path) -> Server:
    rules = make_rules(make_pack())
    target = open_target(str(root))
    request = ScanRequest(places=(Place("all", (str(root),)),))
    worker = Worker(target, rules, Places(rules.packs, canonical_windows_path), request)
    return Server(worker, target, rules, request)


def test_each_kind_of_task_goes_to_its_part(tmp_path: Path) -> None:
    for folder in ("etc", "usr", "var"):
        (tmp_path / folder).mkdir()
    server = make_server(tmp_path)
    assert server.serve(FilesTask(1, [])).number == 1
    done = server.serve(LiveTask(2, "autostart"))
    assert (done.number, done.counted[0].layer) == (2, "autostart")


def test_a_task_of_another_scan_is_a_bug(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="DumpTask"):
        make_server(tmp_path).serve(DumpTask(1, []))


def test_a_windows_with_hives_has_a_worker_of_its_own(tmp_path: Path) -> None:
    lay_out_windows2000(tmp_path)
    done = make_server(tmp_path).serve(LiveTask(2, "settings"))
    assert done.windows is not None
