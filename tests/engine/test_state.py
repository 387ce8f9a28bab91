"""The engine as a whole: drafts, what is read of it, deadlines, bytes, edges."""

import pytest

from steelyard.engine.accounts import COUNTER_MAX, AccountKind, AccountState
from steelyard.engine.bundles import Assert, AssertKind, Bundle, Kind, Leg
from steelyard.engine.commands import Move, Release, Reserve, Settle
from steelyard.engine.invariants import INVARIANTS, first_broken
from steelyard.engine.legs import Act
from steelyard.engine.limits import LimitKind
from steelyard.engine.records import EXPIRE, LAST, MOVE, PIN, RELEASE, RESERVE, SETTLE, unpack_all
from steelyard.engine.refusals import Refusal
from steelyard.engine.state import Engine
from steelyard.values.asset import AssetClass
from tests.engine.world import AT, SECOND, Small, number

DONE = Act()


@pytest.fixture
def world():
    return Small("anna", "bram", funded=100)


def rows(world):
    return list(unpack_all(world.engine.take_records()))


# Drafts: several acts of one command


def test_acts_of_one_draft_see_one_another_and_are_written_together(world):
    draft = world.engine.draft(AT)

    assert draft.move(world.bundle(("anna", "bram", 100)), authority=world.everyone) == DONE
    assert draft.move(world.bundle(("bram", "anna", 150)), authority=world.everyone) == DONE
    assert world.balance("anna") == 100
    draft.commit()
    assert (world.balance("anna"), world.balance("bram")) == (150, 50)
    assert [MOVE, MOVE] == [row.act for row in rows(world)]


def test_a_refused_draft_cannot_be_written(world):
    before = world.engine.encode()
    draft = world.engine.draft(AT)
    draft.move(world.bundle(("anna", "bram", 100)), authority=world.everyone)
    act = draft.move(world.bundle(("anna", "bram", 1)), authority=world.everyone)

    assert Act(Refusal.LIQUIDITY_IS_SHORT, 0) == act
    with pytest.raises(ValueError, match="dropped"):
        draft.commit()
    assert before == world.engine.encode()


def test_acts_are_checked_and_applied_together(world):
    held, _ = world.reserve(("anna", "bram", 80))
    world.engine.take_records()
    acts = (
        Release(held),
        Move(world.bundle(("anna", "bram", 60)), world.everyone),
        Reserve(world.bundle(("anna", "bram", 41), deadline_at=AT + SECOND), world.everyone),
    )
    before = world.engine.encode()
    refused = (2, Act(Refusal.LIQUIDITY_IS_SHORT, 0))

    assert refused == world.engine.check_all(acts, at=AT)
    assert refused == world.engine.apply_all(acts, at=AT)
    assert before == world.engine.encode()
    assert world.engine.apply_all(acts[:2], at=AT) == (2, DONE)
    assert (world.balance("bram"), world.engine.reservation(held)) == (160, None)


def test_what_a_draft_opens_it_may_end(world):
    draft = world.engine.draft(AT)
    bundle = world.bundle(("anna", "bram", 50), deadline_at=AT + SECOND)

    assert draft.reserve(bundle, authority=world.everyone) == DONE
    assert draft.pin(bundle.bundle_id) == DONE
    assert draft.settle(bundle.bundle_id, (20,)) == DONE
    assert draft.release(bundle.bundle_id) == Act(Refusal.RESERVATION_IS_SETTLED)
    draft = world.engine.draft(AT)
    draft.reserve(bundle, authority=world.everyone)
    draft.settle(bundle.bundle_id, (20,))
    draft.commit()
    assert (world.balance("anna"), world.available("anna")) == (80, 80)
    assert world.engine.settle(bundle.bundle_id, at=AT) == Act(Refusal.RESERVATION_IS_SETTLED)
    assert first_broken(world.engine) is None


def test_a_bundle_twice_in_one_draft_is_refused(world):
    draft, bundle = world.engine.draft(AT), world.bundle(("anna", "bram", 5))

    assert draft.move(bundle, authority=world.everyone) == DONE
    assert draft.move(bundle, authority=world.everyone) == Act(Refusal.ID_REUSED_WITH_OTHER_CONTENT)


# Records


def test_leg_records_tell_what_was_done(world):
    bundle = world.bundle(("anna", "bram", 30), ("bram", "anna", 5), reference=9, deadline_at=AT + SECOND)
    world.engine.reserve(bundle, at=AT, authority=world.everyone)
    world.engine.settle(bundle.bundle_id, (10, 5), at=AT + 1)
    one, two, three, four = rows(world)

    assert (one.act, one.leg_no, one.amount_minor, one.flags, one.deadline_at) == (
        RESERVE,
        0,
        30,
        0,
        AT + SECOND,
    )
    assert (two.leg_no, two.flags, two.reference, two.original) == (1, LAST, 9, 0)
    assert (three.act, three.amount_minor, three.released_minor, three.at) == (SETTLE, 10, 20, AT + 1)
    assert (four.original, four.bundle_id, four.released_minor) == (bundle.bundle_id, bundle.bundle_id, 0)


@pytest.mark.parametrize(
    ("do", "act", "released"), [("release", RELEASE, 30), ("expire", EXPIRE, 30), ("pin", PIN, 0)]
)
def test_every_end_leaves_records(world, do, act, released):
    held, _ = world.reserve(("anna", "bram", 30), deadline_at=AT + SECOND)
    world.engine.take_records()
    getattr(world.engine, do)(held, at=AT + SECOND if do == "expire" else AT)
    (row,) = rows(world)

    assert (act, 0, released, held) == (row.act, row.amount_minor, row.released_minor, row.original)


def test_a_release_within_a_move_comes_before_it(world):
    held, _ = world.reserve(("anna", "bram", 30))
    world.engine.take_records()
    bundle = world.bundle(("anna", "bram", 100))
    world.engine.move(bundle, at=AT, authority=world.everyone, releasing=[held])

    assert [RELEASE, MOVE] == [row.act for row in rows(world)]


# Deadlines


def test_due_gives_the_earliest_first_then_by_id(world):
    late = [world.reserve(("anna", "bram", 1), deadline_at=AT + s * SECOND)[0] for s in (3, 1, 2, 1)]
    expected = [late[1], late[3], late[2]]

    assert world.engine.next_due() == AT + SECOND
    assert expected == [expiry.bundle_id for expiry in world.engine.due(AT + 2 * SECOND)]
    assert expected[:2] == [expiry.bundle_id for expiry in world.engine.due(AT + 2 * SECOND, limit=2)]
    assert world.engine.due(AT + SECOND - 1) == []
    assert expected == [expiry.bundle_id for expiry in world.engine.due(AT + 2 * SECOND)]


def test_what_ended_is_due_no_more(world):
    held, _ = world.reserve(("anna", "bram", 1), deadline_at=AT + SECOND)
    pinned, _ = world.reserve(("anna", "bram", 1), deadline_at=AT + SECOND)
    world.engine.release(held, at=AT)
    world.engine.pin(pinned, at=AT)

    assert world.engine.next_due() is None
    assert world.engine.due(AT + SECOND) == []


def test_the_heap_of_deadlines_does_not_grow_without_end(world):
    for _ in range(5_000):
        held, _ = world.reserve(("anna", "bram", 1))
        world.engine.release(held, at=AT)
        world.engine.take_records()

    assert len(world.engine.deadlines) < 1_100


def test_expiring_what_is_not_due_is_a_bug(world):
    held, _ = world.reserve(("anna", "bram", 1), deadline_at=AT + SECOND)

    with pytest.raises(ValueError, match="deadline"):
        world.engine.expire(held, at=AT + SECOND - 1)


# Reading


def test_names_are_found_exactly(world):
    assert world.engine.account_no("anna/NOR") == 2
    assert world.engine.account_no("ANNA/NOR") is None
    assert world.engine.account_no("nobody/NOR") is None
    assert world.engine.asset_no("NOR") == 1
    assert world.engine.owner_no("anna") == 2
    assert world.engine.owner_no("nobody") is None
    assert world.engine.account(0) is None
    assert world.engine.asset(2) is None


def test_balances_are_told_on_the_normal_side(world):
    world.engine.change_account(1, floor=0, ceiling=1_000, people=2)
    world.reserve(("anna", "bram", 30))

    assert world.engine.balance(1) == (200, 800, 0, 0, 2)
    assert world.engine.balance(2) == (100, 70, 0, 30, 1)
    assert world.engine.balance(3) == (100, 100, 30, 0, 1)


def test_lowering_a_line_below_its_use_undoes_nothing(world):
    anna = world.no("anna")
    world.engine.change_account(anna, floor=-50, ceiling=None, people=2)
    world.move(("anna", "bram", 150))

    assert world.engine.change_account(anna, floor=0, ceiling=None) is None
    assert world.available("anna") == -50
    assert world.move(("anna", "bram", 1)) == Act(Refusal.LIQUIDITY_IS_SHORT, 0)
    assert world.move(("bram", "anna", 1)) == DONE


def test_the_outcome_of_a_command_tells_balances(world):
    outcome = world.engine.apply(Move(world.bundle(("anna", "bram", 5)), world.everyone), at=AT)

    assert [(2, 95), (3, 105)] == [(no, balance.balance) for no, balance in outcome.balances]
    refused = world.engine.apply(Settle(5), at=AT)
    assert (Refusal.ORIGINAL_NOT_FOUND, ()) == (refused.refusal, refused.balances)


def test_a_block_adds_up_and_is_lifted_whole(world):
    anna = world.engine.account(2)
    world.engine.block(2, credits=False)

    assert anna.state is AccountState.DEBITS_BLOCKED
    world.engine.block(2, debits=False)
    assert anna.state is AccountState.BLOCKED
    world.engine.unblock(2)
    assert anna.state is AccountState.OPEN
    assert anna.version == 4


def test_a_residual_account_past_half_its_cap_is_an_alarm(world):
    residual = world.open("hub/NOR/residual", AccountKind.RESIDUAL, ceiling=10)
    world.move(("anna", "hub/NOR/residual", 5))

    assert world.engine.strained_residuals() == []
    world.move(("anna", "hub/NOR/residual", 1))
    assert world.engine.strained_residuals() == [residual]
    world.move(("hub/NOR/residual", "anna", 12))
    assert world.engine.strained_residuals() == [residual]


# Bytes


def test_every_part_of_the_state_survives_its_bytes(world):
    engine = world.engine
    number(engine.open_asset("SUD", AssetClass.TITLE, scale=9, issuer="mill"))
    world.open("mill/SUD/issue", AccountKind.TITLE_ISSUER, ceiling=COUNTER_MAX)
    world.open("hub/NOR/escrow", AccountKind.ESCROW, made_by=Kind.DVP)
    limit = number(engine.open_limit(LimitKind.FLOW, world.nor, 2**100, owner="anna", other="zoe"))
    engine.attach_limit(limit, [2])
    engine.reset_window(limit)
    engine.change_limit(limit, cap=2**90, tested=False)
    engine.block(3, freeze=True, credits=False)
    engine.account(2).credits_settled += 2**126
    engine.account(2).debits_settled += 2**126
    world.reserve(("anna", "bram", 5), kind=Kind.CASE, reference=2**127)
    engine.take_records()
    world.move(("anna", "bram", 9), kind=Kind.CASE)
    engine.reverse(world.bundle(), engine.take_records(), (4,), at=AT, authority=world.everyone)
    engine.unblock(3, people=2)
    assert engine.reverse(world.bundle(), b"", (4,), at=AT, authority=world.everyone).refusal is not None
    again = Engine.decode(engine.encode())

    assert engine.encode() == again.encode()
    assert engine.state_hash() == again.state_hash()
    for before, after in zip(engine.accounts[1:], again.accounts[1:], strict=True):
        assert [getattr(before, name) for name in before.__slots__] == [
            getattr(after, name) for name in after.__slots__
        ]
    for name in ("assets", "owners", "owner_nos", "names", "asset_nos", "reservations", "reversed"):
        assert getattr(engine, name) == getattr(again, name)
    assert first_broken(again) is None


def test_bytes_of_another_format_are_refused():
    with pytest.raises(ValueError, match="format"):
        Engine.decode(Engine().encode().replace(b"\x99\x01", b"\x99\x02", 1))


def test_unequal_states_have_unequal_bytes(world):
    seen = {world.engine.encode()}
    for change in (
        lambda: world.move(("anna", "bram", 1)),
        lambda: world.reserve(("anna", "bram", 1)),
        lambda: world.engine.block(2),
        lambda: world.engine.unblock(2),
        lambda: world.engine.add_owner("cleo"),
        lambda: world.engine.open_limit(LimitKind.FLOW, 1, 5),
        lambda: world.engine.change_account(2, floor=0, ceiling=5),
    ):
        change()
        seen.add(world.engine.encode())

    assert len(seen) == 8


# Edges


def test_amounts_reach_to_one_below_10_to_the_18(world):
    most = 10**18 - 1

    assert world.move(("STAG/NOR/issue", "anna", most)) == DONE
    assert world.move(("anna", "bram", most)) == DONE
    assert world.balance("bram") == most + 100
    (row,) = rows(world)[-1:]
    assert row.amount_minor == most


def test_running_totals_have_no_end_but_their_counters(world):
    for _ in range(50):
        assert world.move(*[("STAG/NOR/issue", "anna", 10**18 - 1)] * 20) == DONE
    world.engine.take_records()

    assert world.balance("anna") == 1000 * (10**18 - 1) + 100
    assert Engine.decode(world.engine.encode()).encode() == world.engine.encode()


def test_asserts_of_a_reservation_are_tested_when_it_is_made(world):
    bundle = world.bundle(
        ("anna", "bram", 5),
        deadline_at=AT + SECOND,
        asserts=(Assert(AssertKind.END_BALANCE_AT_LEAST, 2, 101),),
    )

    act = world.engine.reserve(bundle, at=AT, authority=world.everyone)
    assert Act(Refusal.ASSERTION_DOES_NOT_HOLD) == act


def test_a_bundle_of_100_000_legs_moves_whole():
    names = [f"o{count}" for count in range(50)]
    world = Small(*names, funded=10**6)
    legs = tuple(Leg(2 + i % 50, 2 + (i * 3 + 1) % 50, 1 + i % 7) for i in range(120_000))
    legs = tuple(leg for leg in legs if leg.source != leg.target)[:100_000]
    bundle = Bundle(world.id(), Kind.PAYMENT, legs, policy=1)

    assert world.engine.move(bundle, at=AT, authority=world.everyone) == DONE
    assert len(world.engine.take_records()) == 12_800_000
    assert first_broken(world.engine) is None


# Invariants find what is wrong


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("books", lambda e: setattr(e.account(2), "credits_settled", 101)),
        ("counters", lambda e: setattr(e.account(1), "debits_settled", -1)),
        ("bounds", lambda e: e.account(2).set_bounds(0, 50)),
        ("reserved", lambda e: [setattr(e.account(2), f"{s}_reserved", 5) for s in ("debits", "credits")]),
        ("endings", lambda e: e.deadlines.clear()),
        ("limits", lambda e: setattr(e.limits[1], "used", 7)),
        ("window", lambda e: e.window.seconds.clear()),
        ("transit", lambda e: setattr(e.account(4), "debits_reserved", 1)),
    ],
)
def test_an_invariant_names_what_is_broken(world, name, spoil):
    world.open("hub/NOR/transit", AccountKind.TRANSIT)
    number(world.engine.open_limit(LimitKind.NET_DEBIT, world.nor, 5))
    world.reserve(("anna", "bram", 5))
    assert first_broken(world.engine) is None
    spoil(world.engine)
    everyone = range(1, len(world.engine.accounts))

    assert dict(INVARIANTS)[name](world.engine, everyone) is not None
    assert first_broken(world.engine) is not None


def test_an_issuer_that_took_back_more_than_it_gave_is_found(world):
    world.engine.account(1).credits_settled += 500
    world.engine.account(2).debits_settled += 500

    assert first_broken(world.engine) == "issuers: account 1 took back 300 more than it issued"
