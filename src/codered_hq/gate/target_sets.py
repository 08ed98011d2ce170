"""What exactly a decision is about: the machines of a request, and one hash over all of them."""

import hashlib
from collections.abc import Iterable

import msgspec

from codered_hq.model.action import ActionRequest, Subject


def name_machine(subject: Subject) -> str:
    """What a machine is counted as: "#12", or the address or MAC of one that nobody knows."""
    return f"#{subject.host}" if subject.host else subject.name


def list_machines(subjects: Iterable[Subject]) -> tuple[str, ...]:
    """Every machine once, in one fixed order."""
    return tuple(sorted({name_machine(subject) for subject in subjects}))


def list_counted(request: ActionRequest) -> tuple[str, ...]:
    """What a request counts as under the caps: its machines; where nobody knows any, the port or network itself."""
    return list_machines(request.subjects) or (request.target,)


def hash_target_set(request: ActionRequest) -> str:
    """SHA-256 (hexadecimal) over kind, target and every machine: an approval of it is one of nothing else."""
    body = msgspec.json.encode([request.kind, request.target, list_machines(request.subjects)])
    return hashlib.sha256(body).hexdigest()
