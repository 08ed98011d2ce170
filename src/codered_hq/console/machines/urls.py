"""Where the pages of this room are."""

from django.urls import path

from codered_hq.console.machines import containing, findings, host, host_acting, hosts, plans, releasing, runs

urlpatterns = [
    path("hosts/", hosts.hosts, name="hosts"),
    path("hosts/part/", hosts.part_hosts, name="part-hosts"),
    path("hosts/export/", hosts.export_hosts, name="hosts-export"),
    path("hosts/choose/", hosts.choose_hosts, name="hosts-choose"),
    path("hosts/<int:pk>/", host.host, name="host"),
    path("hosts/<int:pk>/part/", host.part_host, name="part-host"),
    path("hosts/<int:pk>/tag/", host_acting.tag_host, name="host-tag"),
    path("hosts/<int:pk>/mark/", host_acting.mark_host, name="host-mark"),
    path("hosts/<int:pk>/treat/", host_acting.treat_host, name="host-treat"),
    path("contain/", containing.contain, name="contain"),
    path("contain/ask/", containing.ask_containment, name="contain-ask"),
    path("containments/", releasing.containments, name="containments"),
    path("containments/part/", releasing.part_containments, name="part-containments"),
    path("containments/release/", releasing.release, name="release"),
    path("containments/release/ask/", releasing.ask_release, name="release-ask"),
    path("findings/", findings.findings, name="findings"),
    path("findings/part/", findings.part_findings, name="part-findings"),
    path("findings/<int:pk>/", findings.finding, name="finding"),
    path("plans/", plans.plans, name="plans"),
    path("plans/<int:pk>/", plans.plan, name="plan"),
    path("plans/<int:pk>/review/", plans.review_plan, name="plan-review"),
    path("plans/<int:pk>/ask/", plans.ask_plan, name="plan-ask"),
    path("runs/", runs.runs, name="runs"),
    path("runs/<str:uid>/", runs.run, name="run"),
    path("runs/<str:uid>/part/", runs.part_run, name="part-run"),
]
