"""Findings of one report -> rows, in one statement: what is there is seen again, what is not is made."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from django.db import connection

from codered_hq.fleet.models import StoredFinding, StoredReport

MOST_AT_ONCE = 2000  # rows of a statement: what a database has to hold of it at once

_COLUMNS = ("uid", "pack", "indicator", "layer", "confidence", "severity", "subject_kind", "subject")
_PUT = """
    INSERT INTO {table} (host_id, report_id, first_seen, last_seen, {columns})
    SELECT %s, %s, %s, %s, {values} FROM {source} WHERE true
    ON CONFLICT (uid) DO UPDATE SET report_id = excluded.report_id, last_seen = excluded.last_seen,
        confidence = excluded.confidence, severity = excluded.severity, gone_at = NULL
    RETURNING {fresh}
"""


class FindingRow(msgspec.Struct, frozen=True):
    """What differs between the findings of a report, as the table has it."""

    uid: str
    pack: str
    indicator: str
    layer: str
    confidence: str
    severity: str
    subject_kind: str
    subject: str


def put_rows(rows: Sequence[FindingRow], report: StoredReport, at: datetime) -> int:
    """Write the rows of a report (each uid once) at this time (aware); how many the host did not have. Call it within
    a transaction.

    They go as one JSON value: as parameters of their own, a hundred rows cost three times as much on both sides.
    """
    return sum(sum(_put(rows[start : start + MOST_AT_ONCE], report, at)) for start in range(0, len(rows), MOST_AT_ONCE))


def _put(rows: Sequence[FindingRow], report: StoredReport, at: datetime) -> Iterable[bool]:
    table = connection.ops.quote_name(StoredFinding._meta.db_table)
    now = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            values = ", ".join(_COLUMNS)
            source = f"json_to_recordset(%s) AS given({', '.join(f'{name} text' for name in _COLUMNS)})"
            fresh = "xmax = 0"  # no earlier row was replaced
        else:
            cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")  # noqa: S608
            values = ", ".join(f"value ->> '{name}'" for name in _COLUMNS)
            source, fresh = "json_each(%s)", f"id > {int(cursor.fetchone()[0])}"
        words = _PUT.format(table=table, columns=", ".join(_COLUMNS), values=values, source=source, fresh=fresh)
        cursor.execute(words, [report.host_id, report.pk, now, now, msgspec.json.encode(rows).decode()])
        return [bool(row[0]) for row in cursor.fetchall()]
