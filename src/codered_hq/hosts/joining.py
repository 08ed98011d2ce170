"""Two hosts that turned out to be one."""

from copy import copy
from typing import Any

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import Model, UniqueConstraint

from codered_hq.hosts.claiming import believe
from codered_hq.hosts.models import AddressUse, Claim, Host, Identifier, Owner

_STATES = ("unknown", "closed", "verified", "watch", "cleaned", "suspect", "contained", "infected")
"""From the least to the most that must not be forgotten."""

_TIMED: tuple[tuple[type[Any], tuple[str, ...]], ...] = (
    (Identifier, ("kind", "value")),
    (Claim, ("kind", "value", "source")),
    (AddressUse, ("address",)),
)


def join_hosts(kept: int, gone: int) -> None:
    """Give one host all that the other has; the other is no more. What both have is kept once, from the first to the
    last time.
    """
    with transaction.atomic():
        for model, fields in _TIMED:
            _join_rows(model, fields, kept, gone)
        for model in apps.get_models():
            for field in model._meta.get_fields():
                if getattr(field, "many_to_one", False) and field.related_model is Host and field.concrete:
                    _move_rows(model, field.name, kept, gone)
        one, other = Host.objects.get(pk=kept), Host.objects.get(pk=gone)
        one.tags.add(*other.tags.all())
        one.first_seen, one.last_seen = min(one.first_seen, other.first_seen), max(one.last_seen, other.last_seen)
        if _STATES.index(other.state) > _STATES.index(one.state):
            one.state, one.state_since = other.state, other.state_since
        one.suspected_at = list(dict.fromkeys([*one.suspected_at, *other.suspected_at]))
        names = one.claims.filter(kind="owner").values_list("value", flat=True)
        believe(one, one.claims.all(), {owner.name: owner for owner in Owner.objects.filter(name__in=names)})
        one.save()
        other.delete()


def _join_rows(model: type[Any], fields: tuple[str, ...], kept: int, gone: int) -> None:
    there = {_name(row, fields): row for row in model._default_manager.filter(host_id=kept)}
    for row in model._default_manager.filter(host_id=gone):
        known = there.get(_name(row, fields))
        if known is None:
            continue
        known.first_seen, known.last_seen = min(known.first_seen, row.first_seen), max(known.last_seen, row.last_seen)
        known.save(update_fields=["first_seen", "last_seen"])
        row.delete()


def _move_rows(model: type[Any], field: str, kept: int, gone: int) -> None:
    """What points to the one that goes. Where the kept one has such a row already (of the same run), that one absorbs
    the other's outcome, if it knows how.
    """
    for row in model._default_manager.filter(**{field: gone}):
        gone_row = copy(row)
        setattr(row, f"{field}_id", kept)
        try:
            with transaction.atomic():
                row.save(update_fields=[field])
        except IntegrityError:
            if (absorb := getattr(_find_twin(row, field), "absorb", None)) is not None:
                absorb(gone_row)
            row.delete()


def _find_twin(row: Model, field: str) -> Model | None:
    """The row of the kept host that stands in the way of this one."""
    for constraint in row._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and field in constraint.fields:
            same = {name: getattr(row, name) for name in constraint.fields if name != field}
            same[f"{field}_id"] = getattr(row, f"{field}_id")
            return type(row)._default_manager.filter(**same).exclude(pk=row.pk).first()
    return None


def _name(row: Model, fields: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(getattr(row, field) for field in fields)
