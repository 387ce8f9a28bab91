"""Questions about time: the rows between two instants, against a reading of all of them."""

import pytest

from steelyard.storage.generations import Generations
from steelyard.storage.projection import Projection
from steelyard.storage.queries import Reader
from tests.storage.making import Maker


@pytest.fixture
def told(tmp_path):
    maker = Maker(4)
    rows = [maker.accounts(5)]
    for step in range(1, 20):
        maker.now += step * 10**12
        rows.append(maker.row([maker.payment(5), maker.payment(5)]))
    projection = Projection(Generations(tmp_path).open(1), segment_legs=20)
    projection.apply(rows)
    reader = Reader(tmp_path)
    yield rows, reader
    reader.close()
    projection.close()


def test_the_keys_between_two_instants_hold_every_row_of_that_time(told):
    rows, reader = told
    reader.applied_seq()
    edges = [edge + shift for row in rows for edge in (row.time_first, row.time_last) for shift in (-1, 0, 1)]
    for from_at in edges:
        for to_at in (edge for edge in edges if edge >= from_at):
            after, before = reader._keys_in(from_at, to_at)
            wanted = [row.seq for row in rows if row.time_last >= from_at and row.time_first <= to_at]
            assert all(after < seq << 20 and (seq << 20 | 0xFFFFF) < before for seq in wanted)
            assert before - after <= (len(wanted) + 2) << 20 | 1


def test_an_id_is_looked_for_in_the_hours_of_its_own_time(told):
    """The door takes ids of those hours alone, so one that lies about its time was never done."""
    _, reader = told
    leg = reader.bundle_legs(reader.page("payment")[0]["bundle_id"])[0]

    assert reader.command_place(leg["bundle_id"]) == (leg["seq"], leg["position"])
    assert reader.command_place(bytes(6) + leg["bundle_id"][6:]) is None
    assert reader.command_place(b"\xff" * 6 + leg["bundle_id"][6:]) is None
