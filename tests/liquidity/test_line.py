"""The blocked queue against a plain sorted list."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.liquidity import line as module
from steelyard.liquidity.line import Line

steps = st.lists(
    st.tuples(
        st.sampled_from(("put", "put", "put", "remove", "change")), st.integers(0, 60), st.integers(1, 9)
    ),
    max_size=120,
)


def _packed(item: str) -> bytes:
    return item.encode().ljust(8)


@settings(max_examples=150)
@given(steps=steps, room=st.none() | st.integers(0, 9))
def test_a_line_finds_what_a_plain_list_finds(steps, room):
    """Blocks are of four here, so that they are cut, emptied and passed over all the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", 4)
        line, plain = Line(_packed, 8), {}
        for what, key, amount in steps:
            if what == "put" and (key,) not in plain:
                line.put((key,), amount, f"{key}:{amount}")
                plain[(key,)] = amount, f"{key}:{amount}"
            elif what == "change" and (key,) in plain:
                line.change((key,), amount, f"{key}:{amount}")
                plain[(key,)] = amount, f"{key}:{amount}"
            elif what == "remove" and (key,) in plain:
                assert plain.pop((key,))[1] == line.remove((key,))

    assert len(plain) == len(line)
    assert [plain[key][1] for key in sorted(plain)] == list(line)
    assert b"".join(map(_packed, line)) == b"".join(line.rows())
    assert sum(amount for amount, _ in plain.values()) == line.total_minor
    assert [*range(len(plain))] == [line.place(key) for key in sorted(plain)]
    for after in (None, *((key,) for key in range(-1, 61))):
        fits = [
            key
            for key in sorted(plain)
            if (after is None or key > after) and (room is None or plain[key][0] <= room)
        ]
        assert ((fits[0], plain[fits[0]][1]) if fits else None) == line.following(after, room)


def test_what_is_not_there_cannot_be_taken_out():
    """A key that is missing is an error of ours, in an empty line, between entries and behind them."""
    line = Line()
    with pytest.raises(KeyError):
        line.remove((1,))
    line.put((1,), 5, "a")
    line.put((3,), 5, "b")

    for key in ((0,), (2,), (4,)):
        with pytest.raises(KeyError):
            line.remove(key)
        with pytest.raises(KeyError):
            line.change(key, 1, "x")


@given(amounts=st.lists(st.integers(1, 9), min_size=1, max_size=40), data=st.data())
def test_many_are_taken_out_at_once_by_place_or_by_name(amounts, data):
    """Either way it comes to the same as to take each out, and what is named no more is handed over."""
    gone = data.draw(st.lists(st.booleans(), min_size=len(amounts), max_size=len(amounts)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", 4)
        lines = [Line(_packed, 8) for _ in range(3)]
        for line in lines:
            for number, amount in enumerate(amounts):
                line.put((0, number, str(number)), amount, f"{number}:{amount}")
        shed: list[object] = []
        keys = [(0, number, str(number)) for number in range(len(amounts))]
        lines[0].drop(np.array(gone), shed)
        lines[1].keep({str(number) for number, out in enumerate(gone) if not out})
        for key, out in zip(keys, gone, strict=True):
            if out:
                lines[2].remove(key)

    assert {key for key, out in zip(keys, gone, strict=True) if out} <= {
        key for block in shed for key in block[0]
    }
    one = lines[2]
    for line in lines[:2]:
        assert (list(one), len(one), one.total_minor) == (list(line), len(line), line.total_minor)
        assert b"".join(one.rows()) == b"".join(line.rows())
        for room in range(10):
            assert one.following(None, room) == line.following(None, room)
