"""What a minion's return means. A return is hostile, and Salt itself leaves out, trims and replaces."""

from typing import Any

from codered_hq.engines.receipts import make_return
from codered_hq.model.engine import Return

TRIMMED = "VALUE_TRIMMED"
RUN, GET = "cmd.run_all", "cp.get_file"


def read_return(name: str, value: Any) -> Return | str:  # noqa: ANN401 - it is Salt's
    """The script's words, or why there are none."""
    if value is False or (isinstance(value, str) and value.startswith("Minion did not return")):
        if isinstance(value, str) and "[Not connected]" in value:
            return make_return(name, "unreachable", "its minion is not connected to the master")
        return make_return(name, "silent", "its minion did not return")
    if value == TRIMMED:
        return make_return(name, "garbled", "the master trimmed what came back (max_event_size)")
    if isinstance(value, str):
        return make_return(name, "failed", last_line(value) or "its minion returned nothing")
    if not isinstance(value, dict) or not value:
        return make_return(name, "garbled", "its minion returned nothing that the script said")
    ran = value.get(RUN, value)
    if isinstance(ran, str):
        return make_return(name, "garbled" if ran == TRIMMED else "failed", last_line(ran) or "the script did not run")
    said = ran.get("stdout") if isinstance(ran, dict) else None
    if said == TRIMMED:
        return make_return(name, "garbled", "the master trimmed what came back (max_event_size)")
    if not isinstance(said, str):
        return make_return(name, "garbled", "its minion returned nothing that the script said")
    if "codered-end" not in said:
        return _explain(name, said, ran)
    if "codered-end failed" in said and " arrive" in said and not is_file(value.get(GET)):
        return make_return(name, "failed", f"its files could not be brought: {last_line(str(value.get(GET) or ''))}")
    return said


def is_file(value: object) -> bool:
    """Whether cp.get_file returned the path of what it wrote, not the story of why it did not."""
    return isinstance(value, str) and value.startswith("/") and "\n" not in value


def last_line(text: str) -> str:
    """The last line that says something: of a traceback, the error."""
    lines = [line.strip() for line in text[-4000:].splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _explain(name: str, said: str, ran: dict[str, Any]) -> Return:
    if ran.get("retcode") == 0:
        return make_return(name, "garbled", "what came back is cut or is not the script's")
    words = last_line(str(ran.get("stderr", ""))) or last_line(said)
    if "timed out" in words.lower():
        return make_return(name, "timed_out", "it did not end in time")
    return make_return(name, "failed", words or "the script did not run")
