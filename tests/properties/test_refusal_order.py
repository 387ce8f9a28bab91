"""A bundle that breaks several rules is refused for the one with the lowest code, at the leg that breaks it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.engine.accounts import COUNTER_MAX, AccountKind
from steelyard.engine.bundles import Assert, AssertKind, Bundle, Kind, Leg, Policy
from steelyard.engine.limits import LimitKind
from steelyard.engine.refusals import Refusal
from steelyard.values.asset import AssetClass
from tests.engine.world import AT, SECOND, Small, number

R = Refusal


def rich_world():
    """A world with an account for each way to be refused."""
    world = Small("rich", "poor", "gone", "stopped", "shut", "full", "near", "counted", "other")
    engine = world.engine
    engine.change_account(1, floor=0, ceiling=10_000, people=2)
    world.fund("rich", 5_000)
    world.fund("counted", 500)
    world.open("full/NOR/purse", AccountKind.CLIENT, ceiling=10)
    world.open("hub/NOR/transit", AccountKind.TRANSIT)
    world.open("hub/NOR/residual", AccountKind.RESIDUAL, ceiling=10)
    sud = number(engine.open_asset("SUD", AssetClass.CURRENCY, scale=2, issuer="STAG"))
    dead = number(engine.open_asset("DED", AssetClass.CURRENCY, scale=2, issuer="STAG"))
    for name in ("rich/SUD", "rich/DED", "poor/DED"):
        world.open(name)
    assert sud != dead
    assert engine.close_asset(dead) is None
    assert engine.close_account(world.no("gone")) is None
    engine.block(world.no("stopped"), credits=False)
    engine.block(world.no("shut"), debits=False)
    engine.attach_limit(number(engine.open_limit(LimitKind.FLOW, 1, 3)), [world.no("counted")])
    near = engine.account(world.no("near"))
    near.credits_settled = near.debits_settled = COUNTER_MAX - 3
    return world


def leg(source, target, amount=4):
    return lambda world, _: Leg(world.no(source), world.no(target), amount)


def claim(kind, account="rich", value=0):
    def breaks(world, made):
        made["asserts"] += (Assert(kind, world.no(account), value),)

    return breaks


def releasing(state):
    """A releasing that names a reservation in this state."""

    def breaks(world, made):
        held, act = world.reserve(("rich", "poor", 1), deadline_at=AT + SECOND)
        assert act.refusal is None
        if state == "settled":
            world.engine.settle(held, at=AT)
            world.engine.move(world.bundle(("poor", "rich", 1)), at=AT, authority=world.everyone)
        elif state == "released":
            world.engine.release(held, at=AT)
        elif state == "expired":
            world.engine.expire(held, at=AT + SECOND)
        made["releasing"] += (held if state != "unknown" else 5,)

    return breaks


def transit(world, made):
    made["kind"] = Kind.CYCLE
    return Leg(world.no("rich"), world.no("hub/NOR/transit"), 4)


BREAKERS = {
    R.ID_IS_ZERO: lambda _, made: made.update(bundle_id=0),
    R.LEG_AMOUNT_MUST_BE_POSITIVE: leg("rich", "poor", 0),
    R.LEG_AMOUNT_IS_TOO_LARGE: leg("rich", "poor", 10**18),
    R.LEG_ACCOUNTS_MUST_DIFFER: leg("rich", "rich"),
    R.ACCOUNT_NOT_FOUND: lambda world, _: Leg(world.no("rich"), 999, 4),
    R.ASSET_IS_CLOSED: leg("rich/DED", "poor/DED"),
    R.ASSETS_MUST_MATCH: leg("rich", "rich/SUD"),
    R.ISSUER_ACCOUNT_NEEDS_ITS_ISSUER: leg("STAG/NOR/issue", "rich"),
    R.ACCOUNT_NEEDS_OTHER_AUTHORITY: leg("other", "rich"),
    R.ACCOUNT_IS_CLOSED: leg("rich", "gone"),
    R.ACCOUNT_DEBITS_ARE_BLOCKED: leg("stopped", "rich"),
    R.ACCOUNT_CREDITS_ARE_BLOCKED: leg("rich", "shut"),
    R.ORIGINAL_NOT_FOUND: releasing("unknown"),
    R.RESERVATION_IS_SETTLED: releasing("settled"),
    R.RESERVATION_IS_RELEASED: releasing("released"),
    R.RESERVATION_HAS_EXPIRED: releasing("expired"),
    R.DEADLINE_HAS_PASSED: claim(AssertKind.NOT_AFTER, value=AT),
    R.ASSERTION_DOES_NOT_HOLD: claim(AssertKind.ACCOUNT_VERSION, value=77),
    R.TRANSIT_MUST_END_AT_ZERO: transit,
    R.CEILING_WOULD_BE_EXCEEDED: leg("rich", "full/NOR/purse", 11),
    R.RESIDUAL_CAP_WOULD_BE_EXCEEDED: leg("rich", "hub/NOR/residual", 11),
    R.LIMIT_WOULD_BE_EXCEEDED: leg("counted", "rich"),
    R.COUNTER_WOULD_OVERFLOW: leg("rich", "near"),
    R.LIQUIDITY_IS_SHORT: leg("poor", "rich"),
}
LEGLESS = {R.ID_IS_ZERO, R.ORIGINAL_NOT_FOUND, R.RESERVATION_IS_SETTLED, R.RESERVATION_IS_RELEASED,
           R.RESERVATION_HAS_EXPIRED, R.DEADLINE_HAS_PASSED, R.ASSERTION_DOES_NOT_HOLD}  # fmt: skip
ENDED = {R.ORIGINAL_NOT_FOUND, R.RESERVATION_IS_SETTLED, R.RESERVATION_IS_RELEASED, R.RESERVATION_HAS_EXPIRED}


def possible(broken):
    """Residuals and transits need bundles of different kinds; of the endings the first named one counts."""
    kinds = {R.TRANSIT_MUST_END_AT_ZERO, R.RESIDUAL_CAP_WOULD_BE_EXCEEDED}
    return not kinds <= set(broken) and len(ENDED & set(broken)) < 2


def attempt(broken, policy):
    """Build a bundle that breaks these rules, in this order of legs, and give what the engine answers."""
    world = rich_world()
    made = {"kind": Kind.PAYMENT, "asserts": (), "releasing": (), "bundle_id": 1 << 80}
    legs = [world.leg("rich", "other", 1)]
    at_leg = {}
    for refusal in broken:
        found = BREAKERS[refusal](world, made)
        if isinstance(found, Leg):
            at_leg[refusal] = len(legs)
            legs.append(found)
    authority = world.owner("rich", "poor", "gone", "stopped", "shut", "full", "near", "counted")
    bundle = Bundle(made["bundle_id"], made["kind"], tuple(legs), policy, asserts=made["asserts"])
    before = world.engine.state_hash()
    act = world.engine.move(bundle, at=AT, authority=authority, releasing=made["releasing"])
    assert before == world.engine.state_hash()
    return act, at_leg


@settings(max_examples=300, deadline=None)
@given(
    broken=st.lists(st.sampled_from(list(BREAKERS)), min_size=1, max_size=5, unique=True).filter(possible),
    policy=st.sampled_from(Policy),
)
def test_the_lowest_code_wins_then_the_lowest_leg(broken, policy):
    act, at_leg = attempt(broken, policy)
    least = min(broken, key=lambda refusal: refusal.code)

    assert least is act.refusal
    assert (-1 if least in LEGLESS else at_leg[least]) == act.leg


def test_each_pair_of_rules_has_its_order():
    """All pairs, both ways round."""
    for one in BREAKERS:
        for other in BREAKERS:
            if one is not other and possible([one, other]):
                act, _ = attempt([one, other], Policy.EACH_LEG)
                assert min(one.code, other.code) == act.refusal.code, (one, other, act)


def test_members_stand_in_the_order_of_their_codes():
    codes = [refusal.code for refusal in Refusal]

    assert codes == sorted(codes)
    assert codes[-1] == Refusal.LIQUIDITY_IS_SHORT.code
