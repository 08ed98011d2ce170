"""Where the pages of this room are."""

from django.urls import URLPattern, path

from codered_hq.console.speaking import downloads, lessons, message_acting, messages, reports, rumours
from codered_hq.console.speaking.filling import by_method

urlpatterns: list[URLPattern] = [
    path("messages/", messages.show_messages, name="messages"),
    path("messages/part/", messages.show_messages_part, name="part-messages"),
    path("messages/new/", by_method(message_acting.show_draft, message_acting.write_draft), name="message-new"),
    path("messages/<int:number>/", messages.show_message, name="message"),
    path("messages/<int:number>/part/", messages.show_message_part, name="part-message"),
    path("messages/<int:number>/approve/", message_acting.approve, name="message-approve"),
    path("messages/<int:number>/send/", message_acting.send, name="message-send"),
    path("messages/<int:number>/withdraw/", message_acting.withdraw, name="message-withdraw"),
    path("rumours/", by_method(rumours.show_rumours, rumours.add_rumour), name="rumours"),
    path("rumours/part/", rumours.show_rumours_part, name="part-rumours"),
    path("rumours/<int:number>/", by_method(rumours.show_rumour, rumours.check_rumour), name="rumour"),
    path("lessons/", lessons.show_lessons, name="lessons"),
    path("lessons/part/", lessons.show_lessons_part, name="part-lessons"),
    path("lessons/new/", by_method(lessons.show_new_lesson, lessons.add_lesson), name="lesson-new"),
    path("lessons/<int:number>/", by_method(lessons.show_lesson, lessons.change_lesson), name="lesson"),
    path("lessons/<int:number>/close/", lessons.close_lesson, name="lesson-close"),
    path("lessons/<int:number>/again/", lessons.look_again, name="lesson-again"),
    path("reports/", reports.show_reports, name="reports"),
    path("reports/due/part/", reports.show_due_part, name="part-report-due"),
    path("reports/now/<str:form>/", downloads.take_status, name="report-now"),
    path("reports/written/<str:name>/", downloads.take_written, name="report-written"),
    path("reports/export/<str:form>/", downloads.take_export, name="report-export"),
]
