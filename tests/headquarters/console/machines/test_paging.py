"""Long lists in pages of 50; a page that is none is the nearest."""

import pytest
from django.http import QueryDict

from codered_hq.console.machines.paging import cut, cut_list, read_rows
from codered_hq.hosts.models import Host
from tests.fixtures.inventories import NOW


@pytest.mark.django_db
def test_pages() -> None:
    Host.objects.bulk_create(Host(label=f"pc{each:03}", first_seen=NOW, last_seen=NOW) for each in range(120))
    found = Host.objects.order_by("-label")
    page = cut(found, QueryDict("page=2"), read_rows(Host.objects.all()))
    assert [host.label for host in page.object_list][:2] == ["pc069", "pc068"]
    assert (page.start_index(), page.end_index(), page.paginator.count) == (51, 100, 120)
    for text, number in (("", 1), ("x", 1), ("99", 3), ("-1", 3)):
        assert cut(found, QueryDict(f"page={text}"), read_rows(Host.objects.all())).number == number
    assert list(cut_list([], QueryDict("page=3")).object_list) == []
