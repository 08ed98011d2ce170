"""What the team of the demonstration wrote and decided, by minutes ago; invented, and entered by the services."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from codered_hq.drills.demo_team import TEAM, Team
from codered_hq.drills.models import Inject
from codered_hq.fleet.cases import advance
from codered_hq.hosts.models import Host
from codered_hq.incidents import calling, declaring, evidence_records, lessons, messages, rumours, tasks, treatments
from codered_hq.incidents.models import Incident
from codered_hq.incidents.templates import Draft

Tell = Callable[[Incident, Team, datetime], None]
_SILENT: Final = ("Dirk Claes", "Petra Novak")


def _call(incident: Incident, team: Team, at: datetime) -> None:
    commander = team.speak("incident_commander")
    calling.call_all(incident, "Code Red II spreads between our web servers", commander, at)


def _answer_calls(incident: Incident, team: Team, at: datetime) -> None:  # noqa: ARG001
    for member in TEAM:
        if member.name not in _SILENT:
            person = team.speak(member.role).person
            if person is not None:
                calling.note_reached(person, "Mara Lindqvist", at)


def _claim(*roles: str) -> Tell:
    def tell(incident: Incident, team: Team, at: datetime) -> None:
        for role in roles:
            tasks.claim_next(incident, [role], team.speak(role), at)

    return tell


def _finish(*roles: str) -> Tell:
    def tell(incident: Incident, team: Team, at: datetime) -> None:
        for role in roles:
            speaker = team.speak(role)
            for task in incident.tasks.filter(owner=speaker.person, state="claimed"):
                tasks.finish(task, "done, and written down", speaker, at)

    return tell


def _to_contain(incident: Incident, team: Team, at: datetime) -> None:
    commander = team.speak("incident_commander")
    declaring.move_to(incident, "contain", commander, at)
    impact = {
        "Web shop": f"slow since {at - timedelta(minutes=15):%H:%M} UTC; about 12,000 EUR an hour",
        "Intranet": "defaced page seen in Ulm",
        "Plants": "go on, not swept",
    }
    declaring.change(incident, declaring.Change(impact=impact), team.speak("business"), at)


def _add_tasks(incident: Incident, team: Team, at: datetime) -> None:
    for role, action, target, text, minutes in (
        ("network", "block", "plant Porto", "Block port 80 from the plants to everything else", 30),
        ("systems", "patch", "image 2001-04", "Patch the machines that were cloned from last spring's image", 60),
        ("helpdesk", "tell", "callers", "Tell callers: do not restart, do not log on as administrator", 15),
        ("applications", "look", "web shop", "Compare the shop's pages with the last release", 45),
    ):
        draft = Draft("contain", action, text, target, role, priority=2, minutes=minutes)
        tasks.add_task(incident, draft, team.speak("project_manager"), at)


def _block_task(incident: Incident, team: Team, at: datetime) -> None:
    speaker = team.speak("systems")
    task = tasks.claim_next(incident, ["systems"], speaker, at)
    if task is not None:
        tasks.block(task, "the password of the build server lies in a safe in Lyon", speaker, at)


def _write_messages(incident: Incident, team: Team, at: datetime) -> None:
    staff = messages.Words(
        "staff", "The intranet is slow: what we know, what to do",
        "A worm spreads between web servers. Do not restart your computer. Pages may look strange: do not click, call "
        "the help desk at 4711. The next word comes at the full hour.",
    )  # fmt: skip
    made = messages.draft(incident, staff, team.speak("helpdesk"), at)
    messages.approve(made, "communications", team.speak("communications"), at)
    messages.send(made, "", "read out at all four sites", team.speak("communications"), at)
    press = messages.Words(
        "press", "A disturbance of some of our web servers",
        "Some of our web servers are disturbed since this night. Experts work on it. There is no sign that data of "
        "customers left our house.",
    )  # fmt: skip
    held = messages.draft(incident, press, team.speak("liaison"), at)
    messages.approve(held, "communications", team.speak("communications"), at)


def _write_regulator(incident: Incident, team: Team, at: datetime) -> None:
    words = messages.Words(
        "regulator", "First notice of an incident",
        f"Since {at - timedelta(minutes=30):%H:%M} UTC a worm (Code Red II) spreads between web servers of four "
        "sites. Infected machines are cut off. A full notice follows within 72 hours.",
    )  # fmt: skip
    messages.draft(incident, words, team.speak("liaison"), at)


def _hear_rumours(incident: Incident, team: Team, at: datetime) -> None:
    scribe = team.speak("scribe")
    payroll = rumours.add_rumour(incident, "They switch off payroll tonight", "canteen chat, Ulm", scribe, at)
    rumours.check_rumour(payroll, False, "Payroll runs on a host that is not affected", team.speak("business"), at)
    printer = rumours.add_rumour(incident, "It came in by the new copier in Graz", "help desk", scribe, at)
    rumours.check_rumour(printer, False, "The copier has no web server; the first sign is of Ulm", scribe, at)
    rumours.add_rumour(incident, "A visitor's laptop in Lyon brought it", "reception, Lyon", scribe, at)


def _save_evidence(incident: Incident, team: Team, at: datetime) -> None:
    for host in Host.objects.filter(state="contained").order_by("state_since", "pk")[:4]:
        place = f"evidence-store:/2026/{host.label.partition('.')[0]}.car"
        saved = evidence_records.Saved(place, elsewhere=True)
        evidence_records.record_evidence(incident, host, saved, team.speak("security"), at)


def _treat(incident: Incident, team: Team, at: datetime) -> None:
    reasons = (
        ("rebuild", "root.exe was called from outside: nobody knows what else was done there"),
        ("clean", "only the worm's own files were found, the logs are whole and show no use of the back door"),
        ("rebuild", "a domain administrator was logged on while it was infected"),
    )
    hosts = Host.objects.filter(evidence__incident=incident).order_by("pk").distinct()
    for host, (treatment, why) in zip(hosts, reasons, strict=False):
        grounds = treatments.Grounds(treatment, why, infected_since=f"{at - timedelta(hours=1):%H:%M} UTC")  # type: ignore[arg-type]
        treatments.treat(incident, host, grounds, team.speak("systems"), at)


def _cure(incident: Incident, team: Team, at: datetime) -> None:  # noqa: ARG001
    for host in Host.objects.filter(evidence__incident=incident).order_by("pk").distinct()[:3]:
        advance(host, "cleaned", at, "cleaned by its owner")
        advance(host, "verified", at + timedelta(minutes=1), "a verification found nothing left")


def _learn(incident: Incident, team: Team, at: datetime) -> None:
    due = at + timedelta(days=30)
    for text, said in (
        ("Nobody of IT can look into the plants", lessons.Said(owner="Viktor Horn", due_at=due,
                                                               control="A sensor at each plant's uplink")),
        ("Machines cloned from the spring image lack June's patch", lessons.Said(owner="Lea Fontaine", due_at=due)),
        ("The legal team has no one who answers at night", lessons.Said()),
    ):  # fmt: skip
        lessons.add_lesson(incident, text, said, team.speak("scribe"), at)


def _answer_injects(incident: Incident, team: Team, at: datetime) -> None:  # noqa: ARG001
    words = {
        1: "Told security at once, host names noted, callers told not to restart.",
        2: "No comment yet; holding line is with legal.",
        3: "Entered as a rumour, business says it is false.",
    }
    for inject in Inject.objects.filter(number__in=words, told_at__lte=at, answered_at=None):
        inject.answer, inject.answered_at = words[inject.number], (inject.told_at or at) + timedelta(minutes=7)
        inject.answered_by = team.speak(inject.to).name
        inject.save()


TELL: Final[tuple[tuple[int, Tell], ...]] = (
    (49, _call),
    (47, _answer_calls),
    (46, _claim("incident_commander", "security", "network", "helpdesk", "scribe")),
    (43, _finish("incident_commander", "network", "helpdesk")),
    (40, _to_contain),
    (38, _add_tasks),
    (34, _write_messages),
    (33, _answer_injects),
    (31, _hear_rumours),
    (29, _finish("security", "scribe")),
    (27, _save_evidence),
    (25, _treat),
    (23, _write_regulator),
    (20, _cure),
    (18, _learn),
    (15, _block_task),
    (10, _claim("network", "security", "helpdesk", "applications", "communications", "incident_commander")),
)
"""Minutes ago, and what was done then."""
