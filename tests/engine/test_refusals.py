"""Every refusal of the engine, by name: how it comes about, which leg it names, and that it changes nothing."""

import pytest

from steelyard.engine.accounts import COUNTER_MAX, AccountKind
from steelyard.engine.bulk import Sent
from steelyard.engine.bundles import Assert, AssertKind, Bundle, Kind, Leg, Policy
from steelyard.engine.legs import Act, converted_refusal
from steelyard.engine.limits import LimitKind
from steelyard.engine.records import MOVE, LegRecord, pack
from steelyard.engine.refusals import BY_CODE, Refusal
from steelyard.engine.state import Engine
from steelyard.values.amount import AMOUNT_END
from steelyard.values.asset import AssetClass
from tests.engine.world import AT, SECOND, Small, number

DONE = Act()


@pytest.fixture
def world():
    """Anna and bram hold 100 each; the engine must be unchanged by what a test refuses."""
    return Small("anna", "bram", funded=100)


def refused(world, act, refusal, leg=0):
    """Say that an act was refused, why and at which leg, and that it left no record."""
    assert Act(refusal, leg) == act
    assert world.engine.take_records() == b""


def sent(**changes):
    fields = {
        "bundle_id": (AT // 10**6) << 80 | 77, "seq": 0, "position": 0, "leg_no": 0, "source": 2, "target": 3,
        "amount_minor": 5, "at": 0, "reference": 0, "asset_no": 1, "act": MOVE, "policy": 0, "kind": 1,
        "original": 0, "released_minor": 0, "deadline_at": 0, "flags": 0,
    } | changes  # fmt: skip
    return pack(LegRecord(**fields))


def bulk(world, *, sender="anna", at=AT, **changes):
    outcome = world.engine.apply(Sent(sent(**changes), world.owner(sender)[0]), at=at)
    return Act(outcome.refusal, outcome.leg)


def test_id_is_zero(world):
    bundle = Bundle(0, Kind.PAYMENT, (world.leg("anna", "bram", 5),))

    refused(world, world.engine.move(bundle, at=AT, authority=world.everyone), Refusal.ID_IS_ZERO, -1)
    refused(world, bulk(world, bundle_id=0), Refusal.ID_IS_ZERO, -1)


def test_id_is_too_old(world):
    refused(world, bulk(world, at=AT + 5 * 3600 * SECOND), Refusal.ID_IS_TOO_OLD, -1)


def test_id_is_from_the_future(world):
    refused(world, bulk(world, at=AT - 301 * SECOND), Refusal.ID_IS_FROM_THE_FUTURE, -1)


def test_id_reused_with_other_content(world):
    assert bulk(world) == DONE
    world.engine.take_records()
    assert bulk(world) == DONE  # the same again is the same answer
    refused(world, bulk(world, amount_minor=6), Refusal.ID_REUSED_WITH_OTHER_CONTENT, -1)
    refused(world, bulk(world, sender="bram"), Refusal.ID_REUSED_WITH_OTHER_CONTENT, -1)
    again = world.bundle(("anna", "bram", 5), bundle_id=(AT // 10**6) << 80 | 77)
    act = world.engine.move(again, at=AT, authority=world.everyone)
    refused(world, act, Refusal.ID_REUSED_WITH_OTHER_CONTENT, -1)


@pytest.mark.parametrize("sender", [0, 99])
def test_sender_has_no_right(world, sender):
    outcome = world.engine.apply(Sent(sent(), sender), at=AT)

    refused(world, Act(outcome.refusal, outcome.leg), Refusal.SENDER_HAS_NO_RIGHT, -1)


def test_bundle_is_empty(world):
    refused(world, world.move(), Refusal.BUNDLE_IS_EMPTY, -1)


def test_bundle_has_too_many_legs(world):
    many = (world.leg("anna", "bram", 1), world.leg("bram", "anna", 1)) * 50_000
    at_most = Bundle(world.id(), Kind.PAYMENT, many)
    too_many = Bundle(world.id(), Kind.PAYMENT, (*many, many[0]))

    refused(
        world,
        world.engine.check_move(too_many, at=AT, authority=world.everyone),
        Refusal.BUNDLE_HAS_TOO_MANY_LEGS,
        -1,
    )
    assert world.engine.move(at_most, at=AT, authority=world.everyone) == DONE


@pytest.mark.parametrize("amount", [0, -1, -(10**18)])
def test_leg_amount_must_be_positive(world, amount):
    act = world.move(("anna", "bram", 1), ("anna", "bram", amount))

    refused(world, act, Refusal.LEG_AMOUNT_MUST_BE_POSITIVE, 1)


@pytest.mark.parametrize("amount", [10**18, 10**30])
def test_leg_amount_is_too_large(world, amount):
    refused(world, world.move(("anna", "bram", amount)), Refusal.LEG_AMOUNT_IS_TOO_LARGE)
    assert world.move(("STAG/NOR/issue", "anna", AMOUNT_END - 1)) == DONE


def test_converted_amount_is_zero():
    assert converted_refusal(0) is Refusal.CONVERTED_AMOUNT_IS_ZERO
    assert converted_refusal(10**18) is Refusal.LEG_AMOUNT_IS_TOO_LARGE
    assert converted_refusal(1) is None


def test_leg_accounts_must_differ(world):
    refused(world, world.move(("anna", "anna", 5)), Refusal.LEG_ACCOUNTS_MUST_DIFFER)


@pytest.mark.parametrize("account_no", [0, -1, 4, 10**18])
def test_account_not_found(world, account_no):
    for leg in (Leg(2, account_no, 5), Leg(account_no, 2, 5)):
        bundle = Bundle(world.id(), Kind.PAYMENT, (leg,))

        act = world.engine.move(bundle, at=AT, authority=world.everyone)
        refused(world, act, Refusal.ACCOUNT_NOT_FOUND)


def test_asset_is_closed(world):
    sud = number(world.engine.open_asset("SUD", AssetClass.CURRENCY, scale=2, issuer="STAG"))
    world.open("anna/SUD")
    world.open("bram/SUD")

    assert world.engine.close_asset(sud) is None
    refused(world, world.move(("anna/SUD", "bram/SUD", 5)), Refusal.ASSET_IS_CLOSED)
    assert world.engine.close_asset(sud) is Refusal.ASSET_IS_CLOSED


def test_assets_must_match(world):
    number(world.engine.open_asset("SUD", AssetClass.CURRENCY, scale=2, issuer="STAG"))
    world.open("bram/SUD")

    refused(world, world.move(("anna", "bram/SUD", 5)), Refusal.ASSETS_MUST_MATCH)
    refused(world, world.move(("anna", "bram", 5, 2)), Refusal.ASSETS_MUST_MATCH)
    refused(world, bulk(world, asset_no=0), Refusal.ASSETS_MUST_MATCH)


def test_issuer_account_needs_its_issuer(world):
    others = world.owner("anna", "bram")

    act = world.move(("anna", "bram", 5), ("STAG/NOR/issue", "anna", 5), authority=others)
    refused(world, act, Refusal.ISSUER_ACCOUNT_NEEDS_ITS_ISSUER, 1)
    act = world.move(("anna", "STAG/NOR/issue", 5), authority=others)
    refused(world, act, Refusal.ISSUER_ACCOUNT_NEEDS_ITS_ISSUER)
    refused(world, bulk(world, target=1), Refusal.ISSUER_ACCOUNT_NEEDS_ITS_ISSUER)
    refused(world, bulk(world, sender="STAG", source=1, bundle_id=(AT // 10**6) << 80 | 78),
            Refusal.ISSUER_ACCOUNT_NEEDS_ITS_ISSUER)  # fmt: skip


def test_account_needs_other_authority(world):
    refused(
        world,
        world.move(("anna", "bram", 5), authority=world.owner("bram")),
        Refusal.ACCOUNT_NEEDS_OTHER_AUTHORITY,
    )
    refused(world, bulk(world, sender="bram"), Refusal.ACCOUNT_NEEDS_OTHER_AUTHORITY)


@pytest.mark.parametrize("kind", [Kind.CASE, Kind.CORRECTION, Kind.CYCLE, 99])
def test_account_needs_other_authority_for_kinds_that_are_not_the_bulk_lanes(world, kind):
    refused(world, bulk(world, kind=kind), Refusal.ACCOUNT_NEEDS_OTHER_AUTHORITY)


def test_account_is_closed(world):
    world.move(("anna", "bram", 100))
    world.engine.take_records()

    assert world.engine.close_account(world.no("anna")) is None
    refused(world, world.move(("bram", "anna", 5)), Refusal.ACCOUNT_IS_CLOSED)
    refused(world, world.move(("anna", "bram", 5)), Refusal.ACCOUNT_IS_CLOSED)
    assert world.engine.block(world.no("anna")) is Refusal.ACCOUNT_IS_CLOSED


def test_account_debits_are_blocked(world):
    world.engine.block(world.no("anna"), credits=False)

    refused(world, world.move(("anna", "bram", 5)), Refusal.ACCOUNT_DEBITS_ARE_BLOCKED)
    assert world.move(("bram", "anna", 5)) == DONE
    assert world.move(("anna", "bram", 5), kind=Kind.CASE) == DONE  # an authority's order passes


def test_account_credits_are_blocked(world):
    world.engine.block(world.no("anna"), debits=False)

    refused(world, world.move(("bram", "anna", 5)), Refusal.ACCOUNT_CREDITS_ARE_BLOCKED)
    assert world.move(("anna", "bram", 5)) == DONE


def test_original_not_found(world):
    for act in (world.engine.settle(5, at=AT), world.engine.release(5, at=AT), world.engine.pin(5, at=AT),
                world.engine.expire(5, at=AT)):  # fmt: skip
        refused(world, act, Refusal.ORIGINAL_NOT_FOUND, -1)
    bundle = world.bundle(("anna", "bram", 5))
    act = world.engine.move(bundle, at=AT, authority=world.everyone, releasing=(5,))
    refused(world, act, Refusal.ORIGINAL_NOT_FOUND, -1)


@pytest.mark.parametrize(
    "tamper", [lambda r: b"", lambda r: r[:-1], lambda r: bytes(128), lambda r: r[:48] + b"\7" + r[49:]]
)
def test_original_not_found_by_leg_records_that_differ(world, tamper):
    world.move(("anna", "bram", 5))
    records = tamper(world.engine.take_records())
    act = world.engine.reverse(world.bundle(), records, (5,), at=AT, authority=world.everyone)

    refused(world, act, Refusal.ORIGINAL_NOT_FOUND, -1)


def test_original_is_not_a_reservation(world):
    bundle = world.bundle(("anna", "bram", 5))
    world.engine.move(bundle, at=AT, authority=world.everyone)
    world.engine.take_records()

    refused(world, world.engine.settle(bundle.bundle_id, at=AT), Refusal.ORIGINAL_IS_NOT_A_RESERVATION, -1)


def test_reservation_is_settled(world):
    held, _ = world.reserve(("anna", "bram", 5))
    assert world.engine.settle(held, (3,), at=AT) == DONE
    world.engine.take_records()

    refused(world, world.engine.settle(held, (2,), at=AT), Refusal.RESERVATION_IS_SETTLED, -1)
    refused(world, world.engine.release(held, at=AT), Refusal.RESERVATION_IS_SETTLED, -1)


def test_reservation_is_released(world):
    held, _ = world.reserve(("anna", "bram", 5))
    assert world.engine.release(held, at=AT) == DONE
    world.engine.take_records()

    refused(world, world.engine.settle(held, at=AT), Refusal.RESERVATION_IS_RELEASED, -1)
    refused(world, world.engine.pin(held, at=AT), Refusal.RESERVATION_IS_RELEASED, -1)


def test_reservation_has_expired(world):
    """At its deadline a touch is late, swept or not; one nanosecond before it is not."""
    held, _ = world.reserve(("anna", "bram", 5), deadline_at=AT + SECOND)
    other, _ = world.reserve(("anna", "bram", 5), deadline_at=AT + SECOND)
    world.engine.take_records()

    for act in (world.engine.settle(held, at=AT + SECOND), world.engine.release(held, at=AT + SECOND),
                world.engine.pin(held, at=AT + SECOND)):  # fmt: skip
        refused(world, act, Refusal.RESERVATION_HAS_EXPIRED, -1)
    assert world.available("anna") == 90
    assert world.engine.settle(other, at=AT + SECOND - 1) == DONE
    assert world.engine.expire(held, at=AT + SECOND) == DONE
    assert world.available("anna") == 95
    world.engine.take_records()
    refused(world, world.engine.settle(held, at=AT), Refusal.RESERVATION_HAS_EXPIRED, -1)


def test_reservation_is_frozen(world):
    held, _ = world.reserve(("bram", "anna", 5), ("anna", "bram", 5))
    kept, _ = world.reserve(("anna", "bram", 5), kind=Kind.CASE)
    world.engine.take_records()
    world.engine.block(world.no("anna"), freeze=True)

    refused(world, world.engine.settle(held, at=AT), Refusal.RESERVATION_IS_FROZEN)
    assert world.engine.release(held, at=AT) == DONE
    assert world.engine.settle(kept, at=AT) == DONE  # what the authority itself ordered


def test_a_block_without_freeze_does_not_stop_what_was_reserved(world):
    held, _ = world.reserve(("anna", "bram", 5))
    world.engine.block(world.no("anna"))

    assert world.engine.settle(held, at=AT) == DONE


@pytest.mark.parametrize(
    ("amounts", "leg"), [((5, 6), 1), ((6, 0), 0), ((5,), -1), ((-1, 5), 0), ((5, 5, 0), -1)]
)
def test_settle_exceeds_reserved(world, amounts, leg):
    held, _ = world.reserve(("anna", "bram", 5), ("bram", "anna", 5))
    world.engine.take_records()

    refused(world, world.engine.settle(held, amounts, at=AT), Refusal.SETTLE_EXCEEDS_RESERVED, leg)


def test_reversal_exceeds_original(world):
    world.move(("anna", "bram", 30), ("anna", "bram", 20))
    original = world.engine.take_records()

    def reverse(*amounts):
        return world.engine.reverse(world.bundle(), original, amounts, at=AT, authority=world.everyone)

    assert reverse(10, 0) == DONE
    assert world.balance("anna") == 60
    world.engine.take_records()
    refused(world, reverse(21, 0), Refusal.REVERSAL_EXCEEDS_ORIGINAL)
    refused(world, reverse(20, 21), Refusal.REVERSAL_EXCEEDS_ORIGINAL, 1)
    refused(world, reverse(20), Refusal.REVERSAL_EXCEEDS_ORIGINAL, -1)
    assert reverse(20, 20) == DONE
    assert world.balance("anna") == 100


def test_deadline_has_passed(world):
    refused(world, world.reserve(("anna", "bram", 5), deadline_at=AT)[1], Refusal.DEADLINE_HAS_PASSED, -1)
    refused(world, world.reserve(("anna", "bram", 5), deadline_at=0)[1], Refusal.DEADLINE_HAS_PASSED, -1)
    late = (Assert(AssertKind.NOT_AFTER, value=AT),)
    refused(world, world.move(("anna", "bram", 5), asserts=late), Refusal.DEADLINE_HAS_PASSED, -1)
    assert world.move(("anna", "bram", 5), asserts=(Assert(AssertKind.NOT_AFTER, value=AT + 1),)) == DONE


@pytest.mark.parametrize("kind", [Kind.REDEEM, Kind.CASE, Kind.PURPOSE, Kind.EXTERNAL])
def test_some_kinds_are_reserved_without_a_deadline(world, kind):
    assert world.reserve(("anna", "bram", 5), kind=kind, deadline_at=0)[1] == DONE


@pytest.mark.parametrize(
    ("claim", "holds"),
    [
        (Assert(AssertKind.END_ZERO, 2), False),
        (Assert(AssertKind.END_ZERO, 99), False),
        (Assert(AssertKind.END_BALANCE_AT_LEAST, 2, 95), True),
        (Assert(AssertKind.END_BALANCE_AT_LEAST, 2, 96), False),
        (Assert(AssertKind.END_BALANCE_AT_LEAST, 1, 200), True),
        (Assert(AssertKind.ACCOUNT_VERSION, 2, 1), True),
        (Assert(AssertKind.ACCOUNT_VERSION, 2, 2), False),
    ],
)
def test_assertion_does_not_hold(world, claim, holds):
    act = world.move(("anna", "bram", 5), asserts=(claim,))

    assert Act(None if holds else Refusal.ASSERTION_DOES_NOT_HOLD) == act


def test_transit_must_end_at_zero(world):
    world.open("hub/NOR/transit", AccountKind.TRANSIT)
    into, out = ("anna", "hub/NOR/transit", 50), ("hub/NOR/transit", "bram", 49)

    act = world.move(into, out, kind=Kind.CYCLE)
    refused(world, act, Refusal.TRANSIT_MUST_END_AT_ZERO, 1)
    assert world.move(into, ("hub/NOR/transit", "bram", 50), kind=Kind.CYCLE) == DONE
    held, _ = world.reserve(into, ("hub/NOR/transit", "bram", 50), kind=Kind.CYCLE)
    world.engine.take_records()
    refused(world, world.engine.settle(held, (5, 4), at=AT), Refusal.TRANSIT_MUST_END_AT_ZERO, 1)
    assert world.engine.settle(held, (5, 5), at=AT) == DONE


def test_ceiling_would_be_exceeded(world):
    world.open("bram/NOR/purse", AccountKind.CLIENT, ceiling=30)

    refused(world, world.move(("anna", "bram/NOR/purse", 31)), Refusal.CEILING_WOULD_BE_EXCEEDED)
    assert world.reserve(("anna", "bram/NOR/purse", 20))[1] == DONE  # what is to come counts
    world.engine.take_records()
    refused(world, world.move(("anna", "bram/NOR/purse", 11)), Refusal.CEILING_WOULD_BE_EXCEEDED)


def test_issuance_cap_would_be_exceeded(world):
    world.engine.change_account(1, floor=0, ceiling=250, people=2)

    refused(world, world.move(("STAG/NOR/issue", "anna", 51)), Refusal.ISSUANCE_CAP_WOULD_BE_EXCEEDED)
    assert world.move(("STAG/NOR/issue", "anna", 50)) == DONE


def test_residual_cap_would_be_exceeded(world):
    world.open("hub/NOR/residual", AccountKind.RESIDUAL, ceiling=10)

    refused(world, world.move(("anna", "hub/NOR/residual", 11)), Refusal.RESIDUAL_CAP_WOULD_BE_EXCEEDED)
    refused(world, world.move(("hub/NOR/residual", "anna", 11)), Refusal.RESIDUAL_CAP_WOULD_BE_EXCEEDED)
    assert world.move(("hub/NOR/residual", "anna", 10)) == DONE


def test_limit_would_be_exceeded(world):
    limit = number(world.engine.open_limit(LimitKind.FLOW, world.nor, 30))
    assert world.engine.attach_limit(limit, [world.no("anna")]) is None

    assert world.move(("anna", "bram", 30)) == DONE
    world.engine.take_records()
    refused(world, world.move(("anna", "bram", 1)), Refusal.LIMIT_WOULD_BE_EXCEEDED)
    world.engine.change_limit(limit, cap=30, tested=False)
    assert world.move(("anna", "bram", 1)) == DONE


@pytest.mark.parametrize("policy", [Policy.EACH_LEG, Policy.AT_END])
def test_counter_would_overflow(world, policy):
    """At 2^127 - 1 a counter stops: the leg that would pass it is refused, never wrapped."""
    anna = world.engine.account(world.no("anna"))
    anna.credits_settled = COUNTER_MAX - 10
    anna.debits_settled = COUNTER_MAX - 110

    act = world.move(("bram", "anna", 4), ("bram", "anna", 6), ("bram", "anna", 1), policy=policy)
    refused(world, act, Refusal.COUNTER_WOULD_OVERFLOW, 2)
    assert world.move(("bram", "anna", 4), ("bram", "anna", 6), policy=policy) == DONE
    assert anna.credits_settled == COUNTER_MAX


def test_what_is_reserved_counts_towards_the_end_of_a_counter(world):
    """So that settling, which is never refused for a bound, cannot pass it."""
    anna = world.engine.account(world.no("anna"))
    anna.credits_settled = COUNTER_MAX - 10
    anna.debits_settled = COUNTER_MAX - 110
    held, act = world.reserve(("bram", "anna", 10))

    assert act == DONE
    assert Act(Refusal.COUNTER_WOULD_OVERFLOW, 0) == world.move(("bram", "anna", 1))
    assert Act(Refusal.COUNTER_WOULD_OVERFLOW, 0) == bulk(world, sender="bram", source=3, target=2)
    assert world.engine.settle(held, at=AT) == DONE
    assert anna.credits_settled == COUNTER_MAX


def test_state_is_full():
    world = Small("anna", "bram", funded=100, engine=Engine(reservations_max=2))
    held, _ = world.reserve(("anna", "bram", 5))
    world.reserve(("anna", "bram", 5))
    world.engine.take_records()

    refused(world, world.reserve(("anna", "bram", 5))[1], Refusal.STATE_IS_FULL, -1)
    bundle = world.bundle(("anna", "bram", 5), deadline_at=AT + SECOND)
    act = world.engine.reserve(bundle, at=AT, authority=world.everyone, releasing=(held,))
    assert act == DONE


def test_liquidity_is_short(world):
    refused(world, world.move(("anna", "bram", 101)), Refusal.LIQUIDITY_IS_SHORT)
    refused(world, world.move(("anna", "bram", 50), ("anna", "bram", 51)), Refusal.LIQUIDITY_IS_SHORT, 1)
    refused(world, world.move(("anna", "STAG/NOR/issue", 101)), Refusal.LIQUIDITY_IS_SHORT)


def test_codes_lead_back_to_their_refusal():
    assert list(Refusal) == list(BY_CODE.values())
    assert sorted(BY_CODE) == [refusal.code for refusal in Refusal]
