"""What is written for the demonstration beside its record, so that each page has something to show: calls, tasks,
messages, rumours. By minute of the story; entered by the services, and none of it contradicts the record.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from codered_hq.drills.demo_team import Team
from codered_hq.incidents import calling, lessons, messages, rumours, tasks
from codered_hq.incidents.models import Incident
from codered_hq.incidents.people import find_person
from codered_hq.incidents.templates import Draft

Tell = Callable[[Incident, Team, datetime], None]
_SILENT: Final = ("Lena",)


def _call(incident: Incident, team: Team, at: datetime) -> None:
    calling.call_all(incident, "a laptop scans our networks as Code Red II does", team.speak("incident_commander"), at)


def _answer_calls(incident: Incident, team: Team, at: datetime) -> None:  # noqa: ARG001
    for name in dict.fromkeys(member.name for member in team.members):
        if name not in _SILENT:
            calling.note_reached(find_person(name), team.commander, at)


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


def _add_tasks(incident: Incident, team: Team, at: datetime) -> None:
    for role, action, target, text, minutes in (
        ("helpdesk", "tell", "callers", "Tell callers: do not restart, do not log on as administrator", 15),
        ("network", "document", "10.66.0.0/24", "Find out whose network 10.66.0.0/24 is: no list knows it", 60),
        ("applications", "look", "web shop", "Compare the shop's pages with the last release", 45),
        ("systems", "patch", "branches", "Have MS01-033 ready for the web servers of the branches", 60),
    ):
        draft = Draft("detect", action, text, target, role, priority=3, minutes=minutes)
        tasks.add_task(incident, draft, team.speak("project_manager"), at)


def _block_task(incident: Incident, team: Team, at: datetime) -> None:
    speaker = team.speak("systems")
    task = tasks.claim_next(incident, ["systems"], speaker, at)
    if task is not None:
        tasks.block(task, "the medium with the patch lies in a safe of branch 3", speaker, at)


def _write_messages(incident: Incident, team: Team, at: datetime) -> None:
    staff = messages.Words(
        "staff", "Our networks are slow: what we know, what to do",
        "A worm is in our networks. Do not restart your computer. Pages may look strange: do not click, call the help "
        "desk at 4711. The next word comes at the full hour.",
    )  # fmt: skip
    made = messages.draft(incident, staff, team.speak("helpdesk"), at)
    messages.approve(made, "communications", team.speak("communications"), at)
    messages.send(made, "", "read out on each floor", team.speak("communications"), at)
    press = messages.Words(
        "press", "A disturbance of some of our web servers",
        "Some of our web servers are disturbed since this morning. Experts work on it. There is no sign that data of "
        "customers left our house.",
    )  # fmt: skip
    held = messages.draft(incident, press, team.speak("liaison"), at)
    messages.approve(held, "communications", team.speak("communications"), at)


def _hear_rumours(incident: Incident, team: Team, at: datetime) -> None:
    scribe = team.speak("scribe")
    printer = rumours.add_rumour(incident, "It came in by the new printer on floor 2", "help desk", scribe, at)
    rumours.check_rumour(printer, False, "The printer was looked at: nothing; the laptop came first", scribe, at)
    plant = rumours.add_rumour(incident, "The production line is stopped", "canteen", scribe, at)
    rumours.check_rumour(plant, False, "The plant goes on; its control is never cut off", team.speak("business"), at)
    rumours.add_rumour(incident, "A visitor's laptop brought it", "reception", scribe, at)


def _learn(incident: Incident, team: Team, at: datetime) -> None:
    said = lessons.Said(owner=team.speak("network").name, due_at=at + timedelta(days=30))
    lessons.add_lesson(
        incident, "10.66.0.0/24 stands in no list, and nobody looked at it", said, team.speak("scribe"), at
    )


STORY: Final[tuple[tuple[int, Tell], ...]] = (
    (13, _call),
    (16, _answer_calls),
    (17, _claim("security", "network", "helpdesk", "scribe")),
    (21, _finish("network", "helpdesk")),
    (24, _write_messages),
    (28, _add_tasks),
    (30, _hear_rumours),
    (32, _finish("security", "scribe")),
    (35, _block_task),
    (38, _claim("network", "helpdesk", "applications", "communications")),
    (40, _learn),
)
"""The minute, and what was done then."""
