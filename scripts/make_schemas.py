"""Writes docs/schemas: *.schema.json from the nouns, openapi.json from the API. `--check` writes nothing and exits 1
when a file is stale.
"""

import sys
from pathlib import Path
from typing import Any

import msgspec

from codered.model.containment import (
    CONTAINMENT_LIST_FORMAT,
    CONTAINMENT_RECORD_FORMAT,
    ContainmentList,
    ContainmentRecord,
)
from codered.model.evidence import CUSTODY_FORMAT, EVIDENCE_FORMAT, CustodyEntry, EvidenceManifest
from codered.model.firewall import CONTAINMENT_FORMAT, ContainmentStatus
from codered.model.job import ANSWER_FORMAT, JOB_FORMAT, RECEIPT_FORMAT, Answer, Job, Receipt
from codered.model.journal import JOURNAL_FORMAT, Entry
from codered.model.monitoring import MONITOR_FORMAT, MONITOR_REPORT_FORMAT, MonitorReport, MonitorState
from codered.model.pack import PACK_FORMAT, ThreatPack
from codered.model.plan import PLAN_FORMAT, Plan
from codered.model.release import RELEASE_FORMAT, Release
from codered.model.report import REPORT_FORMAT, Report
from codered.model.response import RESPONSE_FORMAT, VERIFICATION_FORMAT, Response, Verification
from codered.model.self_check import SELF_CHECK_FORMAT, SelfCheck
from codered_hq.cli.entering import prepare

OPENAPI = "openapi.json"
FOLDER = Path(__file__).resolve().parent.parent / "docs" / "schemas"
NOUNS: dict[str, tuple[type[msgspec.Struct], str, str]] = {
    "report": (Report, REPORT_FORMAT, "codered report"),
    "plan": (Plan, PLAN_FORMAT, "codered plan"),
    "journal": (Entry, JOURNAL_FORMAT, "one line of a codered journal"),
    "verification": (Verification, VERIFICATION_FORMAT, "codered verification: the answer of `codered verify`"),
    "response": (Response, RESPONSE_FORMAT, "codered response: all that `codered respond` did"),
    "evidence": (EvidenceManifest, EVIDENCE_FORMAT, "codered evidence: the manifest of a container"),
    "custody": (CustodyEntry, CUSTODY_FORMAT, "one line of a codered custody log"),
    "containment": (ContainmentStatus, CONTAINMENT_FORMAT, "codered containment: what `codered contain on` made"),
    "containments": (ContainmentList, CONTAINMENT_LIST_FORMAT, "codered containments: `codered contain status`"),
    "containment-record": (ContainmentRecord, CONTAINMENT_RECORD_FORMAT, "what codered keeps of a containment"),
    "monitor": (MonitorState, MONITOR_FORMAT, "the saved state of codered monitor"),
    "monitor-report": (MonitorReport, MONITOR_REPORT_FORMAT, "codered monitor report"),
    "job": (Job, JOB_FORMAT, "codered job: what headquarters asks of one host"),
    "answer": (Answer, ANSWER_FORMAT, "codered answer: what a host answers to a job"),
    "receipt": (Receipt, RECEIPT_FORMAT, "codered receipt: where the sealed answer to a job is"),
    "self-check": (SelfCheck, SELF_CHECK_FORMAT, "codered self-check"),
    "release": (Release, RELEASE_FORMAT, "codered release: what a release says of its files"),
    "pack": (ThreatPack, f"codered/pack/{PACK_FORMAT}", "codered threat pack (pack.yaml)"),
}


def build_schemas() -> dict[str, str]:
    """File name -> JSON text. Times are RFC 3339, `bytes` are base64."""
    nouns = NOUNS | _list_headquarters() | _list_response()
    return {f"{name}.schema.json": _build_schema(*noun) for name, noun in nouns.items()} | {OPENAPI: _describe_api()}


def _describe_api() -> str:
    """The API of the console, as it describes itself."""
    prepare()
    from codered_hq.api.service import API

    return msgspec.json.format(msgspec.json.encode(API.get_openapi_schema()), indent=2).decode() + "\n"


def _list_headquarters() -> dict[str, tuple[type[msgspec.Struct], str, str]]:
    """The documents of headquarters: their modules can only be imported when Django knows the tables."""
    prepare()
    from codered_hq.cli.host_importing import IMPORT_FORMAT, ImportOutcome
    from codered_hq.cli.host_locating import LOCATE_FORMAT, LocateOutcome
    from codered_hq.cli.host_resolving import RESOLVE_FORMAT, ResolveOutcome
    from codered_hq.cli.sweep_showing import SweepDocument
    from codered_hq.fleet.views import RunList, RunView
    from codered_hq.fleet.vouching import Vouched
    from codered_hq.hosts.gaps import GAPS_FORMAT, GapList
    from codered_hq.model.sweep import SWEEP_JOB_FORMAT, SWEEP_RESULT_FORMAT, SweepJob, SweepResult
    from codered_hq.sweeps.authorising import Authorisation
    from codered_hq.sweeps.coverage import COVERAGE_FORMAT, Coverage
    from codered_hq.sweeps.swept_hosts import HOSTS_FORMAT, HostList
    from codered_hq.sweeps.views import SWEEP_FORMAT, SWEEPS_FORMAT, SweepList

    return {
        "hosts": (HostList, HOSTS_FORMAT, "`codered hosts show`"),
        "gaps": (GapList, GAPS_FORMAT, "`codered hosts gaps`"),
        "import": (ImportOutcome, IMPORT_FORMAT, "`codered hosts import`"),
        "resolve": (ResolveOutcome, RESOLVE_FORMAT, "`codered hosts resolve`"),
        "locate": (LocateOutcome, LOCATE_FORMAT, "`codered hosts locate`"),
        "authorisation": (Authorisation, "codered/authorisation/1", "what may be swept, by whom and when"),
        "sweep-job": (SweepJob, SWEEP_JOB_FORMAT, "a sweep as a scan point or a bundle gets it"),
        "sweep-result": (SweepResult, SWEEP_RESULT_FORMAT, "a sweep as a scan point or a bundle answers it"),
        "sweep": (SweepDocument, SWEEP_FORMAT, "`codered sweep`"),
        "sweeps": (SweepList, SWEEPS_FORMAT, "`codered sweep --list`"),
        "coverage": (Coverage, COVERAGE_FORMAT, "`codered sweep --coverage`"),
        "fleet-run": (RunView, "codered/fleet-run/1", "a run of `codered fleet`"),
        "fleet-runs": (RunList, "codered/fleet-runs/1", "`codered fleet status`"),
        "fleet-take": (Vouched, "codered/fleet-take/1", "`codered fleet take`"),
    }


def _list_response() -> dict[str, tuple[type[msgspec.Struct], str, str]]:
    """The documents of an incident."""
    prepare()
    from codered_hq.cli.contain_emitting import FORMAT as BLOCKS_FORMAT
    from codered_hq.cli.contain_emitting import Blocks
    from codered_hq.cli.contain_listing import FORMAT as CONTAINMENTS_FORMAT
    from codered_hq.cli.contain_listing import Containments
    from codered_hq.cli.contain_results import FORMAT as CONTAIN_FORMAT
    from codered_hq.cli.contain_results import Results
    from codered_hq.reporting.document import STATUS_FORMAT, StatusReport
    from codered_hq.reporting.shift_page import SHIFT_FORMAT, ShiftPage
    from codered_hq.reporting.timeline import TIMELINE_FORMAT, Timeline

    return {
        "contain": (Results, CONTAIN_FORMAT, "`codered contain host`, `port`, `vlan`, `subnet`, `block`, `release`"),
        "network-containments": (Containments, CONTAINMENTS_FORMAT, "`codered contain list`"),
        "blocks": (Blocks, BLOCKS_FORMAT, "`codered contain block --emit`"),
        "status": (StatusReport, STATUS_FORMAT, "`codered incident status`"),
        "timeline": (Timeline, TIMELINE_FORMAT, "`codered incident timeline`"),
        "handover": (ShiftPage, SHIFT_FORMAT, "`codered incident handover`"),
    }


def find_stale() -> list[str]:
    """The names of the schema files that are not what the nouns say."""
    return [
        name
        for name, text in build_schemas().items()
        if not (FOLDER / name).is_file() or (FOLDER / name).read_text("utf-8") != text
    ]


def _build_schema(noun: type[msgspec.Struct], form: str, title: str) -> str:
    head: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:codered:schema:" + form.removeprefix("codered/").replace("/", ":"),
        "title": title,
    }
    body = head | msgspec.json.schema(noun)
    return msgspec.json.format(msgspec.json.encode(body), indent=2).decode() + "\n"


def main() -> int:
    """Write the files, or check them."""
    stale = find_stale()
    if "--check" not in sys.argv[1:]:
        FOLDER.mkdir(parents=True, exist_ok=True)
        for name, text in build_schemas().items():
            (FOLDER / name).write_text(text, "utf-8")
    elif stale:
        sys.stderr.write(f"stale: {', '.join(stale)} — run scripts/make-schemas\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
