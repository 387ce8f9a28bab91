"""The chain: any change to any stored row shows, at the row that was changed."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.storage.journal import (
    NO_HASH,
    CorruptJournal,
    Head,
    Snapshot,
    check_snapshot,
    head_after,
    next_row,
    sections_hash,
    verify_chain,
)


def chain(bodies, *, epoch=1):
    head, rows = Head(0, NO_HASH, epoch, 0), []
    for number, body in enumerate(bodies, start=1):
        rows.append(next_row(head, time_first=number * 10, time_last=number * 10 + 5, count=1, body=body))
        head = head_after(rows[-1])
    return rows


bodies = st.lists(st.binary(max_size=20), min_size=1, max_size=8)
EDITS = {
    "prev_hash": lambda row: bytes(32) if row.seq > 1 else bytes(31) + b"x",
    "hash": lambda row: bytes(32),
    "epoch": lambda row: row.epoch + 1,
    "time_first": lambda row: row.time_first + 1,
    "time_last": lambda row: row.time_last + 1,
    "count": lambda row: row.count + 1,
    "format": lambda row: row.format + 1,
    "body": lambda row: row.body + b"x",
}


@given(bodies)
def test_an_honest_chain_verifies_to_its_head(bodies):
    rows = chain(bodies)

    assert head_after(rows[-1]) == verify_chain(rows)
    assert head_after(rows[-1]) == verify_chain(rows[1:], after=head_after(rows[0]))


@given(bodies, st.sampled_from(sorted(EDITS)), st.data())
def test_an_edit_of_any_field_names_the_row(bodies, field, data):
    rows = chain(bodies)
    place = data.draw(st.integers(0, len(rows) - 1))
    rows[place] = msgspec.structs.replace(rows[place], **{field: EDITS[field](rows[place])})

    with pytest.raises(CorruptJournal) as caught:
        verify_chain(rows)
    assert caught.value.seq == place + 1


@given(bodies.filter(lambda found: len(found) > 1), st.data())
def test_a_missing_row_is_named(bodies, data):
    rows = chain(bodies)
    place = data.draw(st.integers(0, len(rows) - 2))
    del rows[place]

    with pytest.raises(CorruptJournal) as caught:
        verify_chain(rows)
    assert caught.value.seq == place + 1


@given(bodies.filter(lambda found: len(found) > 1), st.data())
def test_swapped_rows_are_found(bodies, data):
    rows = chain(bodies)
    place = data.draw(st.integers(0, len(rows) - 2))
    rows[place], rows[place + 1] = rows[place + 1], rows[place]

    with pytest.raises(CorruptJournal) as caught:
        verify_chain(rows)
    assert caught.value.seq == place + 1


def test_an_edit_that_seals_itself_again_breaks_the_next_row():
    """Whoever rewrites one row must rewrite all after it, and the head he cannot."""
    rows = chain([b"a", b"b", b"c"])
    forged = next_row(head_after(rows[0]), time_first=20, time_last=25, count=1, body=b"B")

    with pytest.raises(CorruptJournal) as caught:
        verify_chain([rows[0], forged, rows[2]])
    assert caught.value.seq == 3


def test_epoch_and_time_never_fall():
    rows = chain([b"a"], epoch=5)
    lower = next_row(
        msgspec.structs.replace(head_after(rows[0]), epoch=4), time_first=20, time_last=20, count=1, body=b""
    )
    with pytest.raises(CorruptJournal, match="epoch"):
        verify_chain([*rows, lower])

    earlier = next_row(head_after(rows[0]), time_first=15, time_last=15, count=1, body=b"")
    with pytest.raises(CorruptJournal, match="time"):
        verify_chain([*rows, earlier])


@given(st.lists(st.tuples(st.sampled_from("abc"), st.binary(max_size=9)), min_size=1, max_size=4), st.data())
def test_a_snapshot_with_any_other_section_is_refused(sections, data):
    snapshot = Snapshot(4, sections_hash(sections), tuple(sections))
    place = data.draw(st.integers(0, len(sections) - 1))
    name, content = sections[place]
    other = (*sections[:place], (name, content + b"x"), *sections[place + 1 :])

    assert check_snapshot(snapshot) is snapshot
    with pytest.raises(CorruptJournal, match="snapshot"):
        check_snapshot(Snapshot(4, snapshot.state_hash, other))
