"""Scanning one example of a pack, by the code that scans the real thing."""

import os
import tempfile
from pathlib import Path

from codered.model.report import Report
from codered.model.ruleset import RuleSet
from codered.model.target import Place
from codered.packs.example_memory import read_memory
from codered.packs.example_processes import read_processes
from codered.packs.example_traffic import read_traffic
from codered.packs.example_trees import complete_tree, lay_out
from codered.packs.examples import Example, read_tree
from codered.scan.example_layers import report_memory, report_processes, report_traffic, report_unsupported
from codered.scan.request import ScanRequest
from codered.scan.run import scan
from codered.targets import open_target


def scan_example(example: Example, rules: RuleSet) -> Report:
    """The report on one example: logs and trees are scanned as files, the rest is judged as it is described."""
    if example.form == "memory":
        process, pieces = read_memory(example.path)
        return report_memory(example.name, process, ((piece.address, piece.data) for piece in pieces), rules)
    if example.form == "traffic":
        return report_traffic(example.name, read_traffic(example.path), rules)
    if example.form == "process":
        system, processes = read_processes(example.path)
        if system == "windows":
            return report_unsupported(example.name, "processes", "Windows processes can't be judged yet", rules)
        return report_processes(example.name, processes, rules)
    if example.form == "log":
        log = os.path.realpath(example.path)
        request = ScanRequest(places=(Place(example.name, (log,)),), logs_only=True, cores=1)
        return scan(open_target(scope=(os.fsencode(log),)), request, rules)
    with tempfile.TemporaryDirectory(prefix="codered-example-") as folder:
        lay_out(complete_tree(read_tree(example.path)), Path(folder), example.name)
        target = open_target(os.path.realpath(folder))
        places = (Place(example.name, (target.info.root,)),)
        return scan(target, ScanRequest(places=places, cores=1), rules)
