"""Long lists in pages of 50."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import QueryDict

MOST = 50


def cut(found: "QuerySet[Any]", query: QueryDict, read: Callable[[list[int]], Sequence[Any]]) -> "Page[Any]":
    """The page that ?page= names (the first or last where it names none), of a list in its order. Only the numbers of
    the rows are looked for in the whole list; `read` makes rows of some numbers.
    """
    page = Paginator(found.values_list("pk", flat=True), MOST).get_page(query.get("page", "1"))
    page.object_list = read(list(page.object_list))
    return page


def cut_list(rows: Sequence[Any], query: QueryDict) -> "Page[Any]":
    """The same of rows that are all here."""
    return Paginator(rows, MOST).get_page(query.get("page", "1"))


def read_rows(found: "QuerySet[Any]") -> Callable[[list[int]], list[Any]]:
    """A reader of the rows of a query, in the order of their numbers as given."""

    def read(numbers: list[int]) -> list[Any]:
        rows = found.in_bulk(numbers)
        return [rows[number] for number in numbers if number in rows]

    return read
