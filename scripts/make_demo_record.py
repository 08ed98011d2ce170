"""src/codered_hq/drills/journey.json from the record of a journey: what `codered serve --demo` plays. Paths, real times
and names of the machine that played it stay behind.
"""

import ipaddress
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from scripts.demo_deeds import STANDS, leave_one, list_deeds, list_later, list_people

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "src" / "codered_hq" / "drills" / "journey.json"
ENTERPRISE = ROOT / "lab" / "enterprise.json"
JOURNEY, FORMAT = "codered/journey-record/1", "codered/demo-record/1"
MOST_BYTES = 60_000
ARRIVES = 3
"""The minute at which the laptop is plugged in. Whatever else was found had it before."""
_SILENT = {"blocked": "filtered", "lab_not_attached": "not_asked"}

Document = dict[str, Any]


def main(words: list[str]) -> int:
    """Write it; 2 for a record that is none, 1 if it became too large."""
    if len(words) != 1:
        print("usage: scripts/make-demo-record RECORD", file=sys.stderr)
        return 2
    record = json.loads(Path(words[0]).read_text("utf-8"))
    if record.get("format") != JOURNEY or "swept" not in record:
        print(f"{words[0]}: no record of a journey; ./lab/lab journey --record FILE writes one", file=sys.stderr)
        return 2
    text = write_record(make_demo_record(record, json.loads(ENTERPRISE.read_text("utf-8"))))
    if len(text.encode()) > MOST_BYTES:
        print(f"{len(text.encode()):,} bytes are too many", file=sys.stderr)
        return 1
    SHIPPED.write_text(text, encoding="utf-8")
    print(f"{SHIPPED}: {len(text.encode()):,} bytes")
    return 0


def write_record(made: Document) -> str:
    """As text: what is listed has a line for each entry."""
    parts = []
    for name, value in made.items():
        if isinstance(value, list):
            rows = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in value)
            parts.append(f'"{name}":[\n{rows}\n]')
        else:
            parts.append(f'"{name}":{json.dumps(value, ensure_ascii=False, separators=(",", ":"))}')
    return "{" + ",\n".join(parts) + "}\n"


def make_demo_record(record: Document, enterprise: Document) -> Document:
    """All that the demonstration needs of a journey's record and of the plan of its laboratory."""
    hosts = _Hosts(record)
    deeds, waits = leave_one(list_deeds(record["steps"]))
    rows = [hosts.tell(one) for one in record["hosts"]]
    return {
        "format": FORMAT, "stands": STANDS, "owners": _list_owners(record, enterprise),
        "zones": [_keep(zone, "name", "kind", "blocked", "scan_point", "note") for zone in enterprise["zones"]],
        "switches": [*(_keep(one, "name", "address") for one in enterprise["switches"]), _find_router(record)],
        "subnets": list(_list_subnets(record, enterprise)), "people": list_people(record["steps"]),
        "reasons": list(hosts.reasons), "hosts": rows,
        "findings": list(_list_findings(record)), "deeds": deeds, "waits": waits,
        "later": list_later(record["steps"]), "states": _find_states(rows, deeds, waits),
    }  # fmt: skip


class _Hosts:
    """The hosts of a record; reasons of sweeps are kept once and named by their place."""

    def __init__(self, record: Document) -> None:
        self.reasons: dict[str, int] = {}
        coverage = record["coverage"]
        subnets = (*coverage["subnets"], *coverage["unknown"])
        self._owners = [(ipaddress.ip_network(one["range"]), one["owner"]) for one in subnets]
        self._found = {one["address"]: one for one in record["swept"]}
        self._swept_at = next(step["minute"] for step in record["steps"] if step["words"][1:3] == ["sweep", "--all"])
        for step in record["steps"]:
            if step["words"][1:2] == ["sweep"] and step["stdout"].startswith("{") and step["minute"] <= STANDS:
                for one in json.loads(step["stdout"]).get("found", ()):
                    self._found[one["address"]] = one | {"minute": step["minute"]}
        self._scanned = {
            row["name"]: (step["minute"], row["verdict"])
            for step in record["steps"]
            if step["words"][1:3] == ["fleet", "scan"] and step["minute"] <= STANDS
            for row in json.loads(step["stdout"])["hosts"]
        }

    def tell(self, host: Document) -> Document:
        """One host as it was known at STANDS."""
        uses = [use["address"] for use in host["addresses"]]
        four = [address for address in uses if ":" not in address]
        place = host["places"][0] if host["places"] else {}
        was = host["places"][1] if len(host["places"]) > 1 else {}
        told = {
            "name": "" if host["name"] == four[0] else host["name"], "address": four[0],
            "mac": next((use["mac"] for use in host["addresses"] if use["mac"]), ""),
            "owner": "" if host["owner"] == self._find_owner(four[0]) else host["owner"],
            "switch": place.get("switch"), "port": place.get("port"), "vlan": place.get("vlan"),
            "socket": place.get("description"), "tags": host["tags"], "system": host["system"],
            "six": next((address for address in uses if ":" in address), ""),
            "was": {"address": four[1], **_keep(was, "switch", "port", "vlan", "description")} if was else None,
            **self._tell_sweep(host, four[0]), "ends": "" if host["state"] == "unknown" else host["state"],
        }  # fmt: skip
        if host["criticality"] != "normal":
            told["criticality"] = host["criticality"]
        return _drop(told) | self._tell_infection(host["name"], four[0])

    def _find_owner(self, address: str) -> str:
        """Of the subnet around an address."""
        number = ipaddress.ip_address(address)
        return next((owner for network, owner in self._owners if number in network), "")

    def _tell_sweep(self, host: Document, address: str) -> Document:
        """What the first sweep saw: what it named, or what the last one says of what nobody changed meanwhile."""
        last = next((one for one in host["swept"] if one["address"] == address), None)
        seen = self._found.get(address) or last
        if seen is None:
            return {}
        number = self.reasons.setdefault(seen["reason"], len(self.reasons))
        return {"seen": seen["state"], "reason": number, "product": seen["product"],
                "packs": seen["packs"] if seen["state"] == "infected" else []}  # fmt: skip

    def _tell_infection(self, name: str, address: str) -> Document:
        minute, verdict = self._scanned.get(name, (0, ""))
        seen = self._found.get(address, {})
        if verdict == "infected":
            return {"infected": 0, "found": minute}
        if seen.get("state") == "infected":
            return {"infected": 0, "found": seen.get("minute", self._swept_at)}
        if name == "laptop":
            return {"infected": ARRIVES, "found": 9}
        return {"open": True} if seen.get("state") == "vulnerable" else {}


def _list_owners(record: Document, enterprise: Document) -> list[Document]:
    named = {one["owner"] for one in record["hosts"]}
    return [_keep(one, "name", "mail", "phone", "department") for one in enterprise["owners"] if one["name"] in named]


def _list_subnets(record: Document, enterprise: Document) -> Iterator[Document]:
    planned = {one["range"]: one for one in enterprise["subnets"]}
    coverage = record["coverage"]
    for one in (*coverage["subnets"], *coverage["unknown"]):
        silent = next((state for word, state in _SILENT.items() if one["counts"].get(word)), "")
        reasons = "; ".join(one["reasons"].values())
        vlan = planned.get(one["range"], {}).get("vlan", 0) or _find_vlan(record, one["range"])
        yield _drop({
            **{name: one[name] for name in ("range", "name", "zone", "site", "owner")}, "vlan": vlan,
            "silent": silent, "why": reasons, "documented": one["documented"],
        })  # fmt: skip


def _find_vlan(record: Document, wanted: str) -> int:
    network = ipaddress.ip_network(wanted)
    for host in record["hosts"]:
        if host["places"] and ipaddress.ip_address(host["addresses"][0]["address"]) in network:
            return int(host["places"][0]["vlan"])
    return 0


def _find_router(record: Document) -> Document:
    host = next(one for one in record["hosts"] if one["name"].startswith("router."))
    return {"name": "router", "address": host["addresses"][0]["address"]}


def _list_findings(record: Document) -> Iterator[Document]:
    """What reports found up to STANDS: those of the fleet's scan."""
    uid = next(json.loads(step["stdout"])["uid"] for step in record["steps"] if step["words"][1:3] == ["fleet", "scan"])
    ended = next(run["ended"] for run in record["fleet"]["runs"] if run["uid"] == uid)
    for one in record["findings"]:
        if one["finding"] and one["first_seen"] <= ended:
            found = one["finding"]
            subject = _keep(found["subject"], "kind", "path", "pid", "key", "line", "address")
            names = ("pack", "indicator", "layer", "confidence", "severity", "because")
            yield {"host": one["host"], **{name: found[name] for name in names}, "subject": subject}


def _find_states(rows: Iterable[Document], deeds: Iterable[Document], waits: Document) -> Document:
    """Who stands how at STANDS, as the deeds and the looks say: the demonstration must come to the same."""
    deeds = list(deeds)
    held = {one["host"] for one in deeds if one["do"] == "yes" and one["answer"] == "allowed"}
    refused = {one["host"] for one in deeds if one["do"] == "contain" and one["answer"] == "refused"}
    rows = list(rows)
    ill = {one["name"] for one in rows if one.get("seen") == "infected"}
    found = {one["name"] for one in rows if "found" in one and one["name"] not in ill}
    return {"infected": sorted(found - held), "suspect": sorted(ill - held), "contained": sorted(held),
            "refused": sorted(refused), "awaiting": [waits["host"]]}  # fmt: skip


def _keep(one: Document, *names: str) -> Document:
    return _drop({name: one.get(name) for name in names})


def _drop(one: Document) -> Document:
    return {name: value for name, value in one.items() if value}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
