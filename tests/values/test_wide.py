"""Numbers of any size through msgpack: what fits is written as ever, what does not is read as it was."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw, Struct

from steelyard.flows.command import Notice, Outcome, decode_outcome, encode, raw
from steelyard.flows.facts import decode_fact
from steelyard.flows.market_facts import DepthMoved
from steelyard.values.wide import packed, unpacked


class Held(Struct, array_like=True, frozen=True, gc=False, tag="held"):
    """A state with sums in it."""

    name: str
    sums: dict[str, int]
    rows: list[tuple[int, bytes]]
    total: int | None = None


NUMBERS = st.integers(-(2**80), 2**80) | st.integers(-5, 5)
HELD = st.builds(
    Held, st.text(max_size=4), st.dictionaries(st.text(max_size=2), NUMBERS, max_size=3),
    st.lists(st.tuples(NUMBERS, st.binary(max_size=3)), max_size=3), NUMBERS | st.none(),
)  # fmt: skip


@given(HELD)
def test_any_number_comes_back(held):
    assert unpacked(packed(held), Held) == held
    assert unpacked(packed(held, ordered=True), Held) == held
    every = [*held.sums.values(), *(number for number, _ in held.rows), held.total or 0]
    if all(-(2**63) <= number < 2**63 for number in every):
        assert packed(held) == msgspec.msgpack.encode(held)


def test_what_is_no_such_thing_is_refused():
    with pytest.raises(msgspec.ValidationError):
        unpacked(packed(["held", "x", {"a": "no number"}, []]), Held)
    with pytest.raises(msgspec.DecodeError):
        unpacked(b"\xc1", Held)


def test_a_fact_and_a_notice_may_hold_a_sum_beyond_64_bits():
    """Neither stops who writes them; the fact is read as it was, the notice's data as text."""
    fact = DepthMoved("WHT", (("AED", 1, 250, 3 * 2**70), ("", 2, 0, 5)))
    told = Outcome(0, notices=(Notice("ANNA", "batch.applied", b"s", (1, 2**70, "x")),))

    assert decode_outcome(encode(told)).notices[0].data == (1, str(2**70), "x")
    assert isinstance(raw(fact), Raw)
    assert decode_fact(raw(fact)) == fact
