"""Plans as they stand in documents, of this version or an older one."""

import msgspec

from codered.model.plan import Plan, digest_plan, find_unknown, hash_body, read_older


class NewerPlan(msgspec.ValidationError):
    """A plan that holds what this version does not know: it must not be carried out without that."""


def decode_plan(raw: bytes) -> Plan:
    """The plan in a document, also in one of an older version. Raises msgspec.DecodeError, whatever the document is;
    NewerPlan is one.
    """
    try:
        return _decode(raw)
    except (UnicodeDecodeError, RecursionError) as error:
        what = "it is no UTF-8" if isinstance(error, UnicodeDecodeError) else "it is nested too deeply"
        raise msgspec.DecodeError(what) from None


def _decode(raw: bytes) -> Plan:
    try:
        plan = msgspec.json.decode(raw, type=Plan)
    except msgspec.ValidationError:
        if (older := _read_sealed(raw)) is None:
            raise
        return older
    return plan if plan.digest == digest_plan(plan) else _read_sealed(raw) or plan


def _read_sealed(raw: bytes) -> Plan | None:
    """The plan, if the document is sealed as it stands, whatever this version would make of it; None if not."""
    document = msgspec.json.decode(raw)
    if not isinstance(document, dict):
        return None
    digest = document.pop("digest", "")
    body = msgspec.json.encode(document)  # in the document's own order
    if hash_body(body) != digest:
        return None
    plan = read_older(body)
    if unknown := find_unknown(document, plan):
        raise NewerPlan(f"unknown field `{unknown}`"[:120])
    return msgspec.structs.replace(plan, digest=digest, sealed_as=body)
