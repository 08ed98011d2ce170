"""Whether the console and its database answer, and it can be written: for whatever watches over services. Needs no
account, tells nothing.
"""

from http import HTTPStatus

from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from codered_hq.console.away import FAILURES


@require_safe
def show_health(_request: HttpRequest) -> JsonResponse:
    """{"health": "ok"}; 503 and "database away" if it can't be read, "database can't be written" if
    only that.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM (SELECT 1 FROM accounts_account LIMIT 1) AS one")
            cursor.fetchone()
    except FAILURES:
        return JsonResponse({"health": "database away"}, status=HTTPStatus.SERVICE_UNAVAILABLE)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE accounts_account SET administrator = administrator WHERE 1 = 0")
    except FAILURES:
        return JsonResponse({"health": "database can't be written"}, status=HTTPStatus.SERVICE_UNAVAILABLE)
    return JsonResponse({"health": "ok"})
