"""What gateways see of netting cycles: everybody the totals, each its own rows, the operator all."""

from msgspec import msgpack

from steelyard.flows import cycle_reads
from steelyard.liquidity.cycles import CycleState
from tests.flows.cycles import Cycles
from tests.flows.payworld import ANNA, BIRK, BRAM, CLEO


def begun():
    cycles = Cycles()
    cycles.open()
    uetr = cycles.net.pay(ANNA, BRAM, "NOR", 100)
    cycles.net.pay(BRAM, CLEO, "NOR", 30)
    cycles.cut()
    cycles.reach(CycleState.FUNDING)
    return cycles, uetr


def test_a_cycle_shows_totals_to_all_and_rows_to_their_owners():
    cycles, uetr = begun()
    world, cycle_id = cycles.net.world, cycles.cycle_id
    for viewer, names in (
        ("operator", [ANNA, BRAM, CLEO]),
        ("", [ANNA, BRAM, CLEO]),
        (ANNA, [ANNA]),
        (BIRK, []),
    ):
        row = cycle_reads.cycle(world, (cycle_id,), viewer)

        assert names == [one["participant"] for one in row["participants"]]
        assert (2, "130", "100") == tuple(row["by_asset"][0][name] for name in ("count", "planned", "called"))
        msgpack.encode(row)
    mine = cycle_reads.cycle(world, (cycle_id,), ANNA)
    assert [uetr] == mine["own"]
    assert ("100", "0", "-100", 100, 0, 100) == tuple(
        mine["participants"][0][name]
        for name in ("out", "in", "net", "called_minor", "paid_minor", "open_minor")
    )
    assert cycle_reads.cycle(world, (b"x" * 16,), "operator") is None


def test_cycles_that_are_over_stay_in_sight():
    cycles, _ = begun()
    cycles.cancel()
    cycles.open()
    world = cycles.net.world

    rows = cycle_reads.cycles(world, (), ANNA)
    assert ["CANCELLED", "OPEN"] == [row["state"] for row in rows]
    assert [1, 2] == [row["number"] for row in rows]
    assert [] == cycle_reads.cycle(world, (rows[0]["cycle_id"],), ANNA)["participants"]


def test_schedules_say_when_the_next_cut_is():
    cycles = Cycles()
    cycles.schedule(600, 660)
    (row,) = cycle_reads.schedules(cycles.net.world, (), ANNA)

    assert (["NOR"], [600, 660]) == (row["assets"], row["cuts"])
    assert row["next_at"] == cycles.cycle.cut_at
