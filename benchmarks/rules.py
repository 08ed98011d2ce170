"""What a decision of the rules of engagement costs, and a proof of all of them.

    .venv/bin/python benchmarks/rules.py [--rounds N]

The shipped sample is read, asked its own examples again and again, and proved; the best round is taken. Where cedarpy
is installed, one Cedar policy of the same kind (a host is isolated unless it is tagged) is asked as often, and the
ratio is printed: it answers yes or no only, so it is the smaller question.
"""

import argparse
import importlib
import json
import time
from collections.abc import Callable
from types import ModuleType

from codered_hq.model.action import ActionRequest, Subject
from codered_hq.rules.judging import judge
from codered_hq.rules.proving import prove
from codered_hq.rules.reading import read_rules
from codered_hq.rules.samples import read_sample
from codered_hq.rules.trying import make_request

CEDAR = (
    'permit(principal, action, resource); forbid(principal, action, resource) when { resource.tags.contains("vital") };'
)
MACHINES = 50_000


def find_best(rounds: int, work: Callable[[], object]) -> float:
    """Seconds of the fastest round."""
    best = float("inf")
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best


def find_cedar() -> ModuleType | None:
    """The module, if it is installed."""
    try:
        return importlib.import_module("cedarpy")
    except ImportError:
        return None


def ask_cedar(cedar: ModuleType) -> None:
    """One question to the Cedar policy."""
    request = {"principal": 'User::"max"', "action": 'Action::"isolate"', "resource": 'Host::"1"', "context": {}}
    host = {"uid": {"__entity": {"type": "Host", "id": "1"}}, "attrs": {"tags": ["vital"]}, "parents": []}
    cedar.is_authorized(request, CEDAR, json.dumps([host]))


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    raw = read_sample()
    book = read_rules(raw, "sample")
    requests = [make_request(example) for example in book.examples]
    one = find_best(rounds, lambda: [judge(book, request) for request in requests]) / len(requests)
    subjects = tuple(Subject(host=number, name=f"#{number}", tags=("may_isolate",)) for number in range(MACHINES))
    many = ActionRequest(kind="shut_vlan", target="vlan", subjects=subjects, at=requests[0].at, requested_by="max")
    print(f"reading the sample            {find_best(rounds, lambda: read_rules(raw, 'sample')) * 1e3:8.2f} ms")
    print(f"one decision                  {one * 1e6:8.2f} us")
    print(f"one over {MACHINES:,} machines      {find_best(3, lambda: judge(book, many)) * 1e3:8.2f} ms")
    print(f"proof of every situation      {find_best(rounds, lambda: prove(book)) * 1e3:8.2f} ms")
    if cedar := find_cedar():
        other = find_best(rounds, lambda: ask_cedar(cedar))
        print(f"one decision of cedarpy       {other * 1e6:8.2f} us: {other / one:.0f} times as long")
    else:
        print("cedarpy is not installed: nothing to compare with")


if __name__ == "__main__":
    main()
