from codered.collect.captures.counts import FileCounts, PacketCounts, tell_file_troubles, tell_packet_troubles


def test_nothing_odd_says_nothing() -> None:
    assert tell_file_troubles(FileCounts(packets=9), {}) == []
    assert tell_packet_troubles(PacketCounts(), 9) == []


def test_every_trouble_is_told() -> None:
    counts = FileCounts(
        ended="it ended", lying=2, backwards=3, absurd_times=4, without_time=5, without_interface=6,
        interfaces_left_out=7, links_unread={9: 8, 4711: 1},
    )  # fmt: skip
    told = tell_file_troubles(counts, {9: "PPP"})
    assert told[0] == "it ended"
    assert [line.split()[0] for line in told[1:]] == ["2", "3", "4", "5", "6", "7", "8", "1"]
    assert "9 (PPP)" in told[-2]
    assert "4711 (unknown)" in told[-1]
    packets = PacketCounts(1, 2, 3, 4, one_way=5, cut_short_waiting=6)
    packets.see_inside("GRE")
    packets.see_inside("GRE")
    told = tell_packet_troubles(packets, 9)
    assert [line.split()[0] for line in told] == ["1", "2", "3", "4", "5", "6", "2"]
    assert told[-1] == "2 packets are inside GRE, which is not looked into"


def test_what_is_no_ip_is_told_where_it_must_be_or_is_most() -> None:
    assert tell_packet_troubles(PacketCounts(not_ip=1), 9) == [
        "1 of 9 packets are no IP: the file may name a wrong link type"
    ]
    assert tell_packet_troubles(PacketCounts(other=4), 9) == []
    assert tell_packet_troubles(PacketCounts(other=5), 9)[0].startswith("5 of 9 packets are no IP")


def test_a_direction_lacks_where_much_of_it_does() -> None:
    assert not PacketCounts(one_way=7, unasked=7).lacks_direction()  # what any capture begins with
    assert not PacketCounts(one_way=8, unasked=8, answers=32).lacks_direction()
    assert PacketCounts(one_way=8, answers=31).lacks_direction()
    assert PacketCounts(unasked=8).lacks_direction()
    assert tell_packet_troubles(PacketCounts(unasked=7), 9) == []
    assert tell_packet_troubles(PacketCounts(unasked=8), 9) == [
        "8 answers are to attempts that are not in it: one direction is missing"
    ]


def test_first_and_last_when_the_clock_goes_back() -> None:
    counts = FileCounts()
    counts.see_batch([(10.0, 0, 1), (12.0, 1, 2)], 12.0)
    assert not counts.see_back(12.0, 11.5)
    assert counts.plain
    assert counts.see_back(12.0, 3.0)
    assert not counts.plain
    counts.see_batch([(3.0, 0, 1)], 3.0)
    assert (counts.packets, counts.first, counts.last, counts.latest, counts.backwards) == (3, 3.0, 12.0, 3.0, 1)


def test_counts_are_not_shared() -> None:
    FileCounts().links_unread[1] = 1
    PacketCounts().see_inside("x")
    assert FileCounts().links_unread == {}
    assert PacketCounts().inside == {}
