"""Where the pages of this room are."""

from django.urls import path

from codered_hq.console.exercises import acting, drill, drills, reports, starting

urlpatterns = [
    path("drills/", drills.show, name="drills"),
    path("drills/start/", starting.start, name="start-drill"),
    path("drills/ranges/", drills.show_part, name="part-ranges"),
    path("drills/<int:pk>/", drill.show, name="drill"),
    path("drills/ranges/<str:name>/<str:form>/", reports.take_below, name="range-report"),
    path("drills/<int:pk>/report/<str:form>/", reports.take_own, name="drill-report"),
    path("drills/<int:pk>/live/", drill.show_part, name="part-drill"),
    path("drills/<int:pk>/injects/<int:number>/answer/", acting.answer, name="answer-inject"),
    path("drills/<int:pk>/sweep/", acting.sweep, name="sweep-drill"),
    path("drills/<int:pk>/end/", acting.end, name="end-drill"),
]
