"""Frames: what is written is read back, and nothing else is read at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.storage import frames
from steelyard.storage.frames import CorruptRow, FrameWriter, iter_acts, iter_frames

commands = st.tuples(
    st.binary(max_size=60), st.integers(0, 3), st.integers(0, 3), st.binary(max_size=40)
)  # command, legs, packed records, outcome


def write(acts):
    writer = FrameWriter()
    for command, legs, packed, outcome in acts:
        writer.command(command)
        if packed:
            writer.packed_commands(b"c" * 128 * packed)
        writer.legs(b"l" * 128 * legs)
        if packed:
            writer.packed_outcomes(b"o" * 8 * packed)
        writer.outcome(outcome)
    return writer


@given(st.lists(commands, max_size=6))
def test_acts_come_back_as_written(acts):
    writer = write(acts)
    body = writer.body()

    assert writer.size == len(body)
    found = list(iter_acts(body))
    assert [act.position for act in found] == list(range(len(acts)))
    assert [
        (bytes(a.command), len(a.legs) // 128, len(a.packed_commands) // 128, bytes(a.outcome)) for a in found
    ] == acts
    assert all(len(a.packed_outcomes) * 16 == len(a.packed_commands) for a in found)


@given(st.lists(commands, min_size=1, max_size=4), st.data())
def test_a_body_cut_anywhere_is_corrupt_or_whole_acts(acts, data):
    body = write(acts).body()
    cut = data.draw(st.integers(0, len(body) - 1))
    whole = list(iter_acts(body))

    try:
        found = list(iter_acts(body[:cut]))
    except CorruptRow:
        return
    assert found == whole[: len(found)]
    assert cut == sum(
        8 * (2 + sum(bool(p) for p in (a.legs, a.packed_commands, a.packed_outcomes)))
        + sum(map(len, (a.command, a.outcome, a.legs, a.packed_commands, a.packed_outcomes)))
        for a in found
    )


@pytest.mark.parametrize("kind", [0, 6, 200])
def test_an_unknown_type_stops(kind):
    with pytest.raises(CorruptRow, match="type"):
        list(iter_frames(frames.HEADER.pack(0, kind, 1, 0)))


@pytest.mark.parametrize(("version", "flags"), [(0, 0), (2, 0), (1, 1), (1, 0x8000)])
def test_an_unknown_version_or_flag_stops(version, flags):
    with pytest.raises(CorruptRow, match="version"):
        list(iter_frames(frames.HEADER.pack(0, 1, version, flags)))


@pytest.mark.parametrize("size", [0, 127, 129])
def test_legs_are_whole_records(size):
    with pytest.raises(CorruptRow, match="whole records"):
        list(iter_frames(frames.HEADER.pack(size, frames.LEGS, 1, 0) + bytes(size)))


@pytest.mark.parametrize(
    "kinds",
    [
        (frames.OUTCOME,),
        (frames.LEGS,),
        (frames.COMMAND,),
        (frames.COMMAND, frames.COMMAND, frames.OUTCOME),
        (frames.COMMAND, frames.LEGS, frames.LEGS, frames.OUTCOME),
        (frames.COMMAND, frames.LEGS, frames.PACKED_COMMANDS, frames.OUTCOME),
        (frames.COMMAND, frames.PACKED_OUTCOMES, frames.LEGS, frames.OUTCOME),
        (frames.COMMAND, frames.OUTCOME, frames.OUTCOME),
    ],
)
def test_frames_out_of_their_order_stop(kinds):
    writer = FrameWriter()
    for kind in kinds:
        writer.add(kind, bytes(128) if kind in (frames.LEGS, frames.PACKED_COMMANDS) else bytes(8))

    with pytest.raises(CorruptRow):
        list(iter_acts(writer.body()))
