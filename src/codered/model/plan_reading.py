"""Plans as they stand in documents, of this version or an older one."""

import msgspec

from codered.model.plan import Plan, digest_plan, hash_body, read_older


class NewerPlan(msgspec.ValidationError):
    """A plan that holds what this version does not know: it must not be carried out without that."""


def decode_plan(raw: bytes) -> Plan:
    """The plan in a document, also in one of an older version. Raises msgspec.DecodeError; NewerPlan is one."""
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
    _refuse_unknown(document, plan, "")
    return msgspec.structs.replace(plan, digest=digest, sealed_as=body)


def _refuse_unknown(document: object, read: object, where: str) -> None:
    """Raises NewerPlan if the document holds a field that was not read."""
    if isinstance(document, dict) and isinstance(read, msgspec.Struct):
        known = dict(zip(read.__struct_encode_fields__, read.__struct_fields__, strict=True))
        for key, value in document.items():
            if key in known:
                _refuse_unknown(value, getattr(read, known[key]), f"{where}.{key}")
            elif key != read.__struct_config__.tag_field:
                raise NewerPlan(f"unknown field `{where}.{key}`"[:120])
    elif isinstance(document, list) and isinstance(read, tuple):
        for number, (one, value) in enumerate(zip(document, read, strict=True)):
            _refuse_unknown(one, value, f"{where}[{number}]")
