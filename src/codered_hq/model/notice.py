"""What is sent to people: one message to one receiver."""

import msgspec

from codered_hq.model.crisis import Tlp


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one receiver: `to` is what its way calls him (a mail address, a topic, a room); `tlp` stands in
    it. `id` stays the same when it is sent again, so that a repeat is recognised ("" = it has none yet).
    """

    to: str
    subject: str
    body: str
    tlp: Tlp = "AMBER"
    urgent: bool = False
    id: str = ""
