"""Caps on holdings: what they stop, and when the holder is told."""

from steelyard.liquidity.holdings import Holdings, Told


def test_only_what_raises_a_holding_above_its_cap_is_stopped():
    holdings = Holdings()
    holdings.put("BRAMSUD0", "NOR", 100)
    cases = [(90, 10), (90, 11), (150, 1), (150, 0), (150, -5)]

    assert [False, True, True, False, False] == [holdings.stops("BRAMSUD0", "NOR", *case) for case in cases]
    assert not holdings.stops("BRAMSUD0", "SUD", 500, 500)
    assert not holdings.stops("BIRKSUD0", "NOR", 500, 500)


def test_a_holder_is_told_once_until_it_has_come_down():
    holdings = Holdings()
    holdings.put("BRAMSUD0", "NOR", 100)
    told = [
        holdings.news("BRAMSUD0", "NOR", held, reached=reached)
        for held, reached in (
            (79, False),
            (80, False),
            (95, False),
            (95, True),
            (95, True),
            (85, False),
            (70, False),
            (80, False),
        )
    ]

    assert [None, Told.NEAR, None, Told.REACHED, None, None, None, Told.NEAR] == told
    assert holdings.news("NOBODY00", "NOR", 5) is None


def test_caps_come_and_go_and_snapshots_are_canonical():
    one, other = Holdings(), Holdings()
    one.put("B", "NOR", 1)
    one.put("A", "NOR", 2)
    other.put("A", "NOR", 3)
    other.put("A", "NOR", 2)
    other.put("B", "NOR", 1)
    assert one.encode() == other.encode() == Holdings.decode(one.encode()).encode()
    assert [("NOR", 2)] == one.of("A")
    for holder in ("A", "B", "C"):
        one.drop(holder, "NOR")

    assert not one.any_of("NOR")
    assert one.cap("A", "NOR") is None
