"""Ranking: the best whole result first, ties by the earlier sheet, paths only where they are worth it."""

import msgspec

from steelyard.fx.board import Board
from steelyard.fx.rank import Request, best
from steelyard.fx.sheets import Sheet, Tier
from steelyard.values.instants import DAY

NOW = 1_000 * DAY


def sheet(provider: str, sell: str, buy: str, num: int, *, entered: int = 1, den: int = 100) -> Sheet:
    return Sheet(provider, sell, buy, (Tier(0, num, den),), 1, 10**15, 0, NOW + DAY, entered=entered)


def board(*sheets: Sheet) -> Board:
    made = Board()
    for one in sheets:
        made.put(one)
    return made


def ask(
    made: Board, amount: int = 10_000, *, fixed_send: bool = True, short: tuple[str, ...] = ()
) -> list[tuple[str, ...]]:
    request = Request("NOR", "SUD", fixed_send, amount, amount, 0, 0)
    room = lambda one: 0 if one.provider in short else 10**18  # noqa: E731
    found = best(request, made, room, at=NOW, path_bp=5)
    return [tuple(hop.provider for hop in offer.hops) for offer in found.offers]


def test_fixed_send_ranks_by_what_arrives() -> None:
    assert ask(board(sheet("P1", "NOR", "SUD", 150), sheet("P2", "NOR", "SUD", 151))) == [("P2",), ("P1",)]


def test_fixed_receive_ranks_by_what_leaves() -> None:
    made = board(sheet("P1", "NOR", "SUD", 150), sheet("P2", "NOR", "SUD", 151))

    assert ask(made, fixed_send=False) == [("P2",), ("P1",)]


def test_the_earlier_sheet_wins_a_tie_then_the_name() -> None:
    made = board(
        sheet("P3", "NOR", "SUD", 150, entered=2),
        sheet("P2", "NOR", "SUD", 150, entered=1),
        sheet("P1", "NOR", "SUD", 150, entered=2),
    )

    assert ask(made) == [("P2",), ("P1",), ("P3",)]


def test_a_provider_without_money_is_left_out() -> None:
    made = board(sheet("P1", "NOR", "SUD", 150), sheet("P2", "NOR", "SUD", 151))

    assert ask(made, short=("P2",)) == [("P1",)]


def test_a_sheet_outside_its_time_gives_nothing() -> None:
    past = msgspec.structs.replace(sheet("P1", "NOR", "SUD", 150), valid_until=NOW)
    coming = msgspec.structs.replace(sheet("P2", "NOR", "SUD", 150), valid_from=NOW + 1)

    assert ask(board(past, coming)) == []


def test_a_path_is_offered_where_nobody_quotes_the_pair() -> None:
    made = board(sheet("P1", "NOR", "OST", 200), sheet("P2", "OST", "SUD", 75))

    assert ask(made) == [("P1", "P2")]


def test_a_path_needs_to_beat_the_direct_way_by_its_margin() -> None:
    direct = sheet("P0", "NOR", "SUD", 15_000, den=10_000)
    first = sheet("P1", "NOR", "OST", 200)
    just = sheet("P2", "OST", "SUD", 75_038, den=100_000)
    under = sheet("P2", "OST", "SUD", 75_037, den=100_000)

    assert ask(board(direct, first, just), 10_000_000) == [("P1", "P2"), ("P0",)]
    assert ask(board(direct, first, under), 10_000_000) == [("P0",)]


def test_one_provider_alone_makes_no_path() -> None:
    assert ask(board(sheet("P1", "NOR", "OST", 200), sheet("P1", "OST", "SUD", 75))) == []


def test_the_end_of_a_path_is_computed_as_one_and_the_middle_for_itself() -> None:
    made = board(sheet("P1", "NOR", "OST", 15), sheet("P2", "OST", "SUD", 333))
    request = Request("NOR", "SUD", True, 7, 7, 0, 0)
    offer = best(request, made, lambda one: 10**18, at=NOW, path_bp=5).offers[0]

    assert [(hop.sold_minor, hop.bought_minor) for hop in offer.hops] == [(7, 1), (1, 3)]
    assert (offer.num, offer.den) == (15 * 333, 10_000)
