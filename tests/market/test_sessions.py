"""A session that falls silent is over after ten seconds, to the nanosecond."""

from hypothesis import given
from hypothesis import strategies as st

from steelyard.market.sessions import OWN_MAX, SILENCE_MAX, Session, Sessions

KEYS = st.tuples(st.sampled_from("AB"), st.sampled_from("xyz"))
EVENTS = st.lists(
    st.tuples(st.sampled_from(["beat", "beat", "leave", "sweep"]), KEYS, st.integers(0, SILENCE_MAX)),
    max_size=30,
)


def test_silence_ends_a_session_at_ten_seconds():
    """Not a nanosecond before."""
    sessions = Sessions()
    sessions.beat("bank", "one", at=100)

    assert 100 + SILENCE_MAX == sessions.next_at()
    assert [] == sessions.lost(at=99 + SILENCE_MAX)
    assert [Session("bank", "one", 100)] == sessions.lost(at=100 + SILENCE_MAX)
    assert (0, None) == (len(sessions), sessions.next_at())


def test_one_owner_has_so_many():
    """And one that is there already may always beat."""
    sessions = Sessions()
    for number in range(OWN_MAX):
        assert sessions.has_room("bank", str(number))
        sessions.beat("bank", str(number), at=number)

    assert not sessions.has_room("bank", "more")
    assert sessions.has_room("bank", "0")
    assert sessions.has_room("other", "more")
    assert sessions.leave("bank", "0")
    assert not sessions.leave("bank", "0")
    assert sessions.has_room("bank", "more")


@given(events=EVENTS)
def test_sessions_are_those_of_a_plain_list(events):
    """Beats, good-byes and sweeps at rising times; the bytes go round."""
    sessions, beats, at = Sessions(), {}, 0
    for kind, key, later in events:
        at += later
        if kind == "beat":
            sessions.beat(*key, at=at)
            beats[key] = at
        elif kind == "leave":
            assert (beats.pop(key, None) is not None) == sessions.leave(*key)
        else:
            over = sorted((beat, key) for key, beat in beats.items() if at - beat >= SILENCE_MAX)
            lost = sessions.lost(at=at)
            assert over == sorted((one.beat_at, (one.owner, one.name)) for one in lost)
            assert [one.beat_at for one in lost] == sorted(one.beat_at for one in lost)
            beats = {key: beat for key, beat in beats.items() if at - beat < SILENCE_MAX}

        assert len(beats) == len(sessions)
        assert min(beats.values(), default=None) == (
            None if sessions.next_at() is None else sessions.next_at() - SILENCE_MAX
        )
        assert sessions.encode() == Sessions.decode(sessions.encode()).encode()
