"""Where the pages of this room are."""

from django.urls import path

from codered_hq.console.exercises import acting, drill, drills

urlpatterns = [
    path("drills/", drills.show, name="drills"),
    path("drills/<int:pk>/", drill.show, name="drill"),
    path("drills/<int:pk>/live/", drill.show_part, name="part-drill"),
    path("drills/<int:pk>/injects/<int:number>/answer/", acting.answer, name="answer-inject"),
    path("drills/<int:pk>/sweep/", acting.sweep, name="sweep-drill"),
    path("drills/<int:pk>/end/", acting.end, name="end-drill"),
]
