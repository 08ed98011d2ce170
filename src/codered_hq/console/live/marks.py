"""Whether anything was written to the database since it was last asked: one word, the same as long as nothing was."""

from django.db import DEFAULT_DB_ALIAS, connections

_ASK = {
    "sqlite": "PRAGMA data_version",  # of this connection, when another one has written
    "postgresql": "SELECT pg_current_wal_lsn()::text",
}


def read_mark() -> str:
    """The mark, on the connection of this thread, which must not write itself. Raises DatabaseError."""
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        cursor.execute(_ASK[connection.vendor])
        (mark,) = cursor.fetchone()
    return str(mark)
