"""Where the pages of this room are."""

from django.urls import path

from codered_hq.console.crisis import (
    approval,
    approvals,
    incident,
    incident_acting,
    roster,
    roster_acting,
    task_acting,
    tasks,
    timeline,
    voting,
)
from codered_hq.console.speaking.filling import by_method

urlpatterns = [
    path("incident/", incident.show_incident, name="incident"),
    path("incident/part/", incident.show_incident_part, name="part-incident"),
    path("incident/declare/", by_method(incident.show_declare, incident_acting.do_declare), name="declare"),
    path("incident/step/", incident_acting.do_move, name="incident-step"),
    path("incident/change/", by_method(incident.show_incident, incident_acting.do_change), name="incident-change"),
    path("incident/impact/", by_method(incident.show_incident, incident_acting.do_impact), name="incident-impact"),
    path("incident/close/", by_method(incident_acting.show_close, incident_acting.do_close), name="incident-close"),
    path("incident/handover/", by_method(incident_acting.show_handover, incident_acting.do_handover), name="handover"),
    path("roster/", roster.show_roster, name="roster"),
    path("roster/call/", roster_acting.call, name="roster-call"),
    path("roster/test/", roster_acting.test, name="roster-test"),
    path("roster/answered/", roster_acting.answered, name="roster-answered"),
    path("roster/appoint/", by_method(roster.show_roster, roster_acting.appoint), name="roster-appoint"),
    path("roster/end/", roster_acting.end_role, name="roster-end"),
    path("roster/person/", by_method(roster.show_roster, roster_acting.enter_person), name="roster-person"),
    path("roster/leave/", roster_acting.leave, name="roster-leave"),
    path("tasks/", tasks.show_tasks, name="tasks"),
    path("tasks/part/", tasks.show_tasks_part, name="part-tasks"),
    path("tasks/next/", task_acting.take_next, name="task-next"),
    path("tasks/add/", by_method(tasks.show_tasks, task_acting.add), name="task-add"),
    path("tasks/take-all/", task_acting.take_all, name="task-take-all"),
    path("tasks/<int:number>/", tasks.show_task, name="task"),
    path("tasks/<int:number>/take/", by_method(tasks.show_task, task_acting.take), name="task-take"),
    path("tasks/<int:number>/end/", by_method(tasks.show_task, task_acting.end), name="task-end"),
    path("approvals/", approvals.show_approvals, name="approvals"),
    path("approvals/part/", approvals.show_waiting_part, name="part-approvals"),
    path("approvals/<str:uid>/", approval.show_approval, name="approval"),
    path("approvals/<str:uid>/part/", approval.show_approval_part, name="part-approval"),
    path("approvals/<str:uid>/answer/", by_method(approval.show_approval, voting.answer), name="approval-answer"),
    path("approvals/<str:uid>/glass/", by_method(approval.show_approval, voting.break_it), name="approval-glass"),
    path("approvals/<str:uid>/back/", by_method(approval.show_approval, voting.take_back), name="approval-take-back"),
    path("timeline/", timeline.show_timeline, name="timeline"),
    path("timeline/part/", timeline.show_timeline_part, name="part-timeline"),
    path("timeline/export/<str:form>/", timeline.export_timeline, name="timeline-export"),
]
