"""The sentences of log findings. An attack in a log names its sender, never the state of the server that logged it."""

from codered.detect.log_attribution import Verdict
from codered.detect.log_sights import Sight
from codered.model.countermeasures import SWEEP_AGENT
from codered.model.finding import UNATTRIBUTED

RAN = ("200", "502")  # answers of IIS to a program that ran: a good one, and one whose output was no valid HTTP

_LIKE_SWEEP = (
    f"Looks like a sweep by this tool: it asks what a sweep asks, and no more, as {SWEEP_AGENT.rstrip('/')}. "
    "Anybody can write that: see that it was yours."
)


def is_backdoor_open(verdict: Verdict, seen: Sight) -> bool:
    """Whether a back door's address answered as if something were there."""
    return verdict.sign.indicator.vector == "backdoor" and any(seen.answers.get(status) for status in RAN)


def explain_finding(verdict: Verdict, seen: Sight, suspect: bool, titles: dict[str, str]) -> str:
    """Why the finding matters, in plain sentences. `suspect`: one's own address does what an infected host does."""
    times = "1 request" if seen.count == 1 else f"{seen.count:,} requests"
    sentences = [
        f"{seen.address} sent {times} of {_name_threat(verdict, titles)}; it names {_whom(verdict, seen, suspect)}."
    ]
    if suspect:
        sentences.insert(0, f"Suspected infected host: {seen.address} is one of your own.")
    if seen.is_like_sweep():
        sentences.insert(0, _LIKE_SWEEP)
    sentences.append(verdict.sign.indicator.because)
    if verdict.because_of:
        sentences.append(f"Others show this sign too; {verdict.because_of} from the same address decides for this one.")
    if is_backdoor_open(verdict, seen):
        ran = sum(seen.answers.get(status, 0) for status in RAN)
        sentences.append(
            f"{ran:,} of them {'was' if ran == 1 else 'were'} answered as if the back door existed here: "
            "look at the host that wrote this log. That alone does not prove it is infected."
        )
    return " ".join(sentences)


def _name_threat(verdict: Verdict, titles: dict[str, str]) -> str:
    if verdict.pack != UNATTRIBUTED:
        return titles.get(verdict.pack, verdict.pack)
    return "a kind shared by " + ", ".join(titles.get(name, name) for name in verdict.shared_by)


def _whom(verdict: Verdict, seen: Sight, suspect: bool) -> str:
    if verdict.sign.indicator.vector == "probe" or seen.is_like_sweep():
        return "who asked, not the state of this server"
    if suspect and seen.forwarded:
        return "a proxy of yours or an infected host: the requests carry X-Forwarded-For, see the evidence"
    if suspect:
        return "an infected host of yours, not the state of this server"
    return "an attacker, not the state of this server"
