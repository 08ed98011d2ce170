"""IIS's own format: client, user, date, time, service, computer, server, five numbers, method, target, parameters."""

from codered.collect.log_times import read_us_time
from codered.model.observation import LogHit


def read_iis_line(line: bytes) -> LogHit | None:
    """`192.0.2.1, -, 03/20/01, 7:55:20, W3SVC2, SALES1, 198.51.100.4, 4502, 163, 3223, 200, 0, GET, /x.gif, -,`;
    None if it is none. Local time without a zone, taken as UTC.
    """
    values = line.lstrip(b"\0").rstrip(b"\r\n").split(b", ", 13)
    if len(values) < 14 or not values[10].isdigit():
        return None
    time = read_us_time(values[2], values[3])
    if time is None:
        return None
    target, _, query = values[13].rstrip(b" ,").rpartition(b", ")
    if not target:
        target, query = query, b"-"
    path = target if query == b"-" else target + b"?" + query
    return LogHit(
        address=values[0].decode("latin-1"),
        time=time,
        request=(values[12] + b" " + path).decode("latin-1"),
        status=values[10].decode() if len(values[10]) == 3 else "",  # as in the W3C format
    )
