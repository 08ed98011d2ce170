"""One door for all ways; red goes through none."""

from typing import get_args, get_type_hints

import pytest

from codered_hq.config import NotifyConfig
from codered_hq.model.notice import Notice
from codered_hq.sending.delivering import WAYS, deliver
from codered_hq.sending.not_sent import NotSent
from tests.fixtures.notice_servers import Seen, running_http


def test_every_way_of_the_configuration_is_there_and_none_carries_red() -> None:
    assert set(WAYS) == set(get_args(get_type_hints(NotifyConfig)["way"]))
    seen = Seen()
    with running_http(seen) as url:
        for way in WAYS:
            config = NotifyConfig(name="w", way=way, url=url, sender="a@b.test")  # type: ignore[arg-type]
            with pytest.raises(NotSent, match="TLP:RED") as failed:
                deliver(config, Notice(to="x@y.test", subject="s", body="b", tlp="RED"))
            assert failed.value.lasting
        assert seen.requests == []
        deliver(NotifyConfig(name="w", way="slack", url=url), Notice(to="", subject="s", body="b", tlp="AMBER"))
    assert len(seen.requests) == 1
