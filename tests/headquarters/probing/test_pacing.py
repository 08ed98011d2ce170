from codered_hq.probing.pacing import WINDOW, WINDOW_LATER, Pacer


def drain(pacer: Pacer[str], until: float, now: float = 0.0) -> list[tuple[float, str]]:
    """What comes out and when, by a clock of the test's own."""
    taken = []
    while now <= until:
        while (item := pacer.take(now)) is not None:
            taken.append((now, item))
        now += 0.001
    return taken


def most_within(times: list[float], seconds: float) -> int:
    return max(sum(start <= each < start + seconds for each in times) for start in times)


def test_rates_in_all_and_of_a_subnet_are_kept() -> None:
    pacer: Pacer[str] = Pacer(100.0, 20.0, 0.0)
    for number in range(400):
        pacer.offer(f"{number % 2}", number % 2, 0.0)
    pacer.offer("other", 7, 0.0)
    taken = drain(pacer, 3.0)
    assert most_within([when for when, _ in taken], 0.5) <= 50 + 3
    for subnet in ("0", "1"):
        times = [when for when, item in taken if item == subnet]
        assert most_within(times, 0.5) <= 10 + 2
        assert len(times) >= 55
    assert next(when for when, item in taken if item == "other") < 0.1  # a full subnet holds up no other one
    assert pacer.waiting == 401 - len(taken)


def test_without_limits_all_come_at_once_in_order() -> None:
    pacer: Pacer[str] = Pacer(0.0, 0.0, 0.0)
    for number in range(100):
        pacer.offer(str(number), 1, 0.0)
    pacer.offer("late", 1, 0.0, 2.0)
    assert [pacer.take(0.0) for _ in range(101)] == [*map(str, range(100)), None]
    assert pacer.next_time(0.0) == 2.0
    pacer.take_back("back")
    assert pacer.next_time(0.5) == 0.5
    assert [pacer.take(2.0), pacer.take(2.0)] == ["back", "late"]
    assert pacer.next_time(3.0) == float("inf")
    assert pacer.waiting == 0


def note(pacer: Pacer[str], *bad: bool, later: bool = False) -> str:
    told = ""
    for number, each in enumerate(bad):
        told = pacer.note(pacer.begin(1, later, number * 0.01), each, number * 0.01) or told
    return told


def test_a_jump_of_failures_halves_the_rate_and_is_told() -> None:
    pacer: Pacer[str] = Pacer(0.0, 100.0, 0.0)
    quiet = [number % 10 < 7 for number in range(WINDOW * 4)]
    assert note(pacer, *quiet) == ""  # most are silent, and always were
    assert note(pacer, *[False] * WINDOW) == ""
    told = note(pacer, *[True] * WINDOW)
    assert "100% of 32 connections failed: now at most 50 a second" in told
    for _ in range(9):
        told = note(pacer, *[True] * WINDOW_LATER, later=True) or told
    assert "at most 1 a second" in told
    for number in range(100):
        pacer.offer(str(number), 1, 0.0)
    assert len(drain(pacer, 3.0)) <= 5
    for _ in range(9):
        assert note(pacer, *[False] * WINDOW) == ""
    assert len(drain(pacer, 6.0, 4.0)) >= 50  # it has recovered


def test_windows_are_by_the_order_of_beginning() -> None:
    """Silence is noticed long after an answer: what comes in last is no jump."""
    pacer: Pacer[str] = Pacer(0.0, 0.0, 0.0)
    begun = [pacer.begin(1, False, 0.0) for _ in range(WINDOW * 8)]
    told = [pacer.note(window, False, 0.1) for number, window in enumerate(begun) if number % 5 == 0]
    told += [pacer.note(window, True, 1.5) for number, window in enumerate(begun) if number % 5]
    assert not any(told)
