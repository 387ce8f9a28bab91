"""The leg record: its bytes, its stamp, and what is no bulk batch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.engine.legs import Act
from steelyard.engine.records import (
    ACTS,
    LAST,
    LAYOUT,
    LEG,
    LINKED,
    MOVE,
    OUTCOME,
    RESERVE,
    SETTLE,
    SIZE,
    LegRecord,
    as_sent,
    batch_fault,
    pack,
    stamp,
    unpack_all,
    unstamped,
)
from tests.engine.world import Small

U128, U64, U32, U16 = (st.integers(0, 2**bits - 1) for bits in (128, 64, 32, 16))
I64 = st.integers(-(2**63), 2**63 - 1)
RECORDS = st.builds(
    LegRecord, U128, U64, U32, U32, U64, U64, I64, I64, U128, U32, st.integers(0, 255), st.integers(0, 255),
    U16, U128, I64, I64, U16,
)  # fmt: skip


@given(st.lists(RECORDS, max_size=5))
def test_what_is_packed_is_unpacked(records):
    packed = b"".join(map(pack, records))

    assert records == list(unpack_all(packed))
    assert len(packed) == SIZE * len(records)


@given(RECORDS)
def test_the_numpy_row_has_the_same_fields_at_the_same_places(record):
    row = np.frombuffer(pack(record), LEG)[0]

    assert record.bundle_id == int(row["id_high"]) << 64 | int(row["id_low"])
    assert record.reference == int(row["reference_high"]) << 64 | int(row["reference_low"])
    assert record.original == int(row["original_high"]) << 64 | int(row["original_low"])
    for name in ("seq", "position", "leg_no", "source", "target", "amount_minor", "at", "asset_no", "act"):
        assert getattr(record, name) == row[name]
    for name in ("policy", "kind", "released_minor", "deadline_at", "flags"):
        assert getattr(record, name) == row[name]


def test_the_layout_is_the_documented_one():
    places = {"id_low": 0, "seq": 16, "position": 24, "leg_no": 28, "source": 32, "target": 40, "amount_minor": 48,
              "at": 56, "reference_low": 64, "asset_no": 80, "act": 84, "policy": 85, "kind": 86,
              "original_low": 88, "released_minor": 104, "deadline_at": 112, "flags": 120, "reserved": 122}  # fmt: skip

    assert LEG.fields is not None
    assert places == {name: LEG.fields[name][1] for name in places}
    assert LAYOUT.size == LEG.itemsize == SIZE
    assert OUTCOME.itemsize == 8
    assert ACTS[MOVE - 1] == "move"


@pytest.mark.parametrize("count", [1, 64, 65, 300])
def test_the_stamp_changes_row_and_position_only(count):
    one = LegRecord(9, 0, 0, 0, 1, 2, 50, 7, 3, 1, MOVE, 0, 1, 0, 0, 0, LAST)
    records = bytearray(pack(one) * count)
    stamp(records, 2**63, 2**31)

    assert {one._replace(seq=2**63, position=2**31)} == set(unpack_all(records))
    assert pack(one) * count == unstamped(bytes(records))


def test_reserved_bytes_and_odd_lengths_are_no_records():
    good = pack(LegRecord(9, 0, 0, 0, 1, 2, 50, 7, 3, 1, MOVE, 0, 1, 0, 0, 0, LAST))

    with pytest.raises(ValueError, match="128"):
        list(unpack_all(good[:-1]))
    with pytest.raises(ValueError, match="zero"):
        list(unpack_all(good[:-1] + b"\1"))


def sent(count=1, **changes):
    rows = np.zeros(count, LEG)
    rows["id_low"], rows["source"], rows["target"], rows["amount_minor"], rows["asset_no"] = 7, 1, 2, 50, 1
    rows["act"], rows["kind"], rows["leg_no"], rows["flags"] = MOVE, 1, np.arange(count), LINKED
    rows["flags"][-1] = 0
    for name, value in changes.items():
        rows[name][-1] = value
    return rows.tobytes()


def test_a_linked_batch_has_no_fault():
    assert batch_fault(sent()) is None
    assert batch_fault(sent(3)) is None
    assert batch_fault(sent(2) + sent(1)) is None


END = {"act": SETTLE, "source": 0, "target": 0, "asset_no": 0, "kind": 0, "original_low": 5}


def test_settles_name_a_reservation_and_nothing_else():
    assert batch_fault(sent(1, **END)) is None
    for name in ("source", "target", "asset_no", "kind", "policy", "reference_low", "deadline_at"):
        assert batch_fault(sent(1, **(END | {name: 1}))) is not None
    assert batch_fault(sent(1, **(END | {"original_low": 0}))) is not None


@pytest.mark.parametrize(
    "batch",
    [
        b"",
        sent()[:-1],
        sent(1, reserved=1),
        sent(1, seq=1),
        sent(1, position=1),
        sent(1, at=1),
        sent(1, released_minor=1),
        sent(1, act=0),
        sent(1, act=5),
        sent(1, policy=2),
        sent(1, flags=LINKED),
        sent(1, flags=LAST),
        sent(1, deadline_at=1),
        sent(1, act=RESERVE, deadline_at=-1),
        sent(2, leg_no=0),
        sent(2, leg_no=2),
        sent(1, leg_no=1),
        sent(2, id_low=8),
        sent(2, kind=2),
        sent(2, act=RESERVE),
        sent(2, reference_low=2),
        sent(1, original_low=2),
        sent(2, **END),
    ],
)
def test_what_is_no_batch_is_refused_whole(batch):
    assert batch_fault(batch) is not None


@given(st.integers(1, 5))
def test_what_was_booked_tells_what_was_sent(count):
    rows = np.frombuffer(bytearray(sent(count)), LEG)
    rows["at"], rows["seq"], rows["position"], rows["flags"] = 99, 5, 6, 0
    rows["flags"][-1] = LAST

    assert sent(count) == as_sent(rows.tobytes())


def test_a_move_that_settles_many_things_gives_each_leg_its_own_reference():
    small = Small("anna", "bram", funded=100)
    references = (7, (1 << 128) - 1)
    legs = (("anna", "bram", 60), ("bram", "anna", 50))
    assert small.move(*legs, reference=5, references=references) == Act()
    made = list(unpack_all(small.engine.take_records()))

    assert references == tuple(record.reference for record in made)
    assert [60, 50] == [record.amount_minor for record in made]
