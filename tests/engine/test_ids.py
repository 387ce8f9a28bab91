"""The id window: what is new, known, too old, from the future; what it forgets; what it costs."""

from hypothesis import given
from hypothesis import strategies as st

from steelyard.engine.ids import AHEAD_MS, HORIZON_MS, IdAnswer, IdWindow

NOW_MS = 1_900_000_000_000
AT = NOW_MS * 1_000_000


def an_id(ms, low=1):
    return (ms << 80 | low).to_bytes(16, "big")


def digest(number=0):
    return bytes([number]) * 32


def test_a_repeat_is_known_and_leads_to_its_outcome():
    window = IdWindow()

    assert window.look(an_id(NOW_MS), digest(), at=AT) is IdAnswer.NEW
    window.put(an_id(NOW_MS), digest(), 77)
    assert window.look(an_id(NOW_MS), digest(), at=AT + 1) is IdAnswer.KNOWN
    assert window.number(an_id(NOW_MS)) == 77
    assert window.look(an_id(NOW_MS), digest(1), at=AT) is IdAnswer.OTHER_CONTENT


def test_zero_the_past_and_the_future_are_refused():
    window = IdWindow()

    assert window.look(bytes(16), digest(), at=AT) is IdAnswer.ZERO
    assert window.look(an_id(NOW_MS - HORIZON_MS), digest(), at=AT) is IdAnswer.NEW
    assert window.look(an_id(NOW_MS - HORIZON_MS - 1), digest(), at=AT) is IdAnswer.TOO_OLD
    assert window.look(an_id(NOW_MS + AHEAD_MS), digest(), at=AT) is IdAnswer.NEW
    assert window.look(an_id(NOW_MS + AHEAD_MS + 1), digest(), at=AT) is IdAnswer.FROM_THE_FUTURE


def test_a_known_id_beyond_the_horizon_is_too_old():
    """Inside, at and beyond the horizon the answer is known, known, too old: never new again."""
    window = IdWindow()
    window.put(an_id(NOW_MS), digest(), 1)
    later = [AT + (HORIZON_MS + ms) * 1_000_000 for ms in (-1, 0, 1)]

    answers = [window.look(an_id(NOW_MS), digest(), at=at) for at in later]
    assert answers == [IdAnswer.KNOWN, IdAnswer.KNOWN, IdAnswer.TOO_OLD]


def test_over_its_bound_the_oldest_second_goes_and_the_horizon_rises_to_its_end():
    window = IdWindow(ids_max=10)
    for count in range(11):
        window.put(an_id(NOW_MS + 500 * count, count + 1), digest(), count)

    assert window.horizon_ms == NOW_MS + 999
    assert len(window) == 9
    assert window.look(an_id(NOW_MS + 999, 5), digest(), at=AT) is IdAnswer.TOO_OLD
    assert window.look(an_id(NOW_MS + 1000, 3), digest(), at=AT) is IdAnswer.KNOWN


def test_ids_ahead_of_time_do_not_push_out_those_of_now():
    """Dropping goes by id time, so a flood dated ahead cannot raise the horizon past the present."""
    window = IdWindow(ids_max=100)
    for count in range(100):
        window.put(an_id(NOW_MS + AHEAD_MS - 60_000 + count * 500, 1), digest(), count)
    for count in range(50):
        window.put(an_id(NOW_MS - 100_000 + 1000 * count), digest(), count)

    assert window.horizon_ms < NOW_MS


def test_four_hours_behind_the_newest_is_dropped():
    window = IdWindow()
    window.put(an_id(NOW_MS), digest(), 1)
    window.put(an_id(NOW_MS + HORIZON_MS + AHEAD_MS + 2000), digest(), 2)

    assert len(window) == 1


@given(st.lists(st.tuples(st.integers(0, 40_000), st.integers(1, 5)), max_size=60), st.integers(1, 20))
def test_it_is_the_same_after_decode(puts, ids_max):
    window = IdWindow(ids_max)
    for offset, low in puts:
        if window.look(an_id(NOW_MS + offset, low), digest(), at=AT) is IdAnswer.NEW:
            window.put(an_id(NOW_MS + offset, low), digest(), offset)
    again = IdWindow.decode(window.encode())

    assert window.encode() == again.encode()
    for which in (window, again):
        which.put(an_id(NOW_MS + 90_000, 9), digest(), 5)
    assert window.encode() == again.encode()
    assert len(window) <= ids_max


@given(st.lists(st.tuples(st.integers(0, 9_000), st.integers(1, 3), st.integers(0, 1)), max_size=80))
def test_it_agrees_with_a_plain_list(puts):
    """Brute force: a list of what was put; what lies at or below the highest dropped second is too old."""
    window, kept, horizon = IdWindow(ids_max=6), {}, -1
    for number, (offset, low, content) in enumerate(puts):
        ms = NOW_MS + offset
        if ms <= horizon:
            expected = IdAnswer.TOO_OLD
        elif (ms, low) not in kept:
            expected = IdAnswer.NEW
        else:
            expected = IdAnswer.KNOWN if kept[ms, low] == content else IdAnswer.OTHER_CONTENT
        assert expected is window.look(an_id(ms, low), digest(content), at=AT)
        if expected is IdAnswer.NEW:
            window.put(an_id(ms, low), digest(content), number)
            kept[ms, low] = content
            while len(kept) > 6:
                second = min(ms for ms, _ in kept) // 1000
                kept = {key: value for key, value in kept.items() if key[0] // 1000 != second}
                horizon = second * 1000 + 999
