"""Who may move what: each kind of account, each way, on its owner's authority, on another's, and by a flow."""

import pytest

from steelyard.engine.accounts import AccountKind as A
from steelyard.engine.bundles import Kind, Policy
from steelyard.engine.legs import Act
from steelyard.engine.limits import LimitKind
from steelyard.engine.refusals import Refusal
from tests.engine.world import Small

NO = Refusal.ACCOUNT_NEEDS_OTHER_AUTHORITY
NOT_ISSUER = Refusal.ISSUER_ACCOUNT_NEEDS_ITS_ISSUER
K = Kind


@pytest.mark.parametrize(
    ("account", "kind", "bundle", "by_owner", "by_other"),
    [
        # debits: account kind, purpose, bundle kind, refusal with the owner's authority, without it
        ("own/NOR", A.SETTLEMENT, K.PAYMENT, None, NO),
        ("own/NOR/c", A.CLIENT, K.PAYMENT, None, NO),
        ("own/NOR/fx", A.FX, K.FX, None, NO),
        ("own/NOR/fee", A.FEE, K.FEE, None, NO),
        ("own/NOR/t", A.TITLE, K.DVP, None, NO),
        ("own/NOR/pot", A.RESERVED, K.PAYMENT, None, NO),
        ("own/NOR/scheme", A.RESERVED, K.PAYMENT, None, None),  # the scheme named in the purpose
        ("own/NOR/cycle", A.RESERVED, K.PAYMENT, NO, NO),
        ("own/NOR/cycle", A.RESERVED, K.CYCLE, None, None),
        ("own/NOR/trade", A.RESERVED, K.PAYMENT, NO, NO),
        ("own/NOR/trade", A.RESERVED, K.CYCLE, NO, NO),
        ("own/NOR/trade", A.RESERVED, K.TRADE, None, None),
        ("own/NOR/trade", A.RESERVED, K.DVP, None, None),
        ("own/NOR/s", A.SUSPENSE, K.TRANSFER, NO, NO),
        ("own/NOR/s", A.SUSPENSE, K.PAYMENT, None, NO),
        ("own/NOR/s", A.SUSPENSE, K.CORRECTION, None, NO),
        ("own/NOR/s", A.SUSPENSE, K.CASE, None, None),
        ("own/NOR/m", A.MARGIN, K.PAYMENT, NO, NO),
        ("own/NOR/m", A.MARGIN, K.MARGIN, None, None),
        ("own/NOR/d", A.DEFAULT_FUND, K.MARGIN, None, None),
        ("own/NOR/d", A.DEFAULT_FUND, K.FEE, NO, NO),
        ("own/NOR/r", A.RESIDUAL, K.FX, None, None),
        ("own/NOR/r", A.RESIDUAL, K.TRANSFER, NO, NO),
        ("own/NOR/e", A.ESCROW, K.DVP, None, None),
        ("own/NOR/e", A.ESCROW, K.PAYMENT, NO, NO),
    ],
)
def test_debits(account, kind, bundle, by_owner, by_other):
    world = Small("rich", "sink", funded=100)
    world.owner("own", "scheme")
    made = {"made_by": K.DVP} if kind == A.ESCROW else {}
    world.open(account, kind, **made)
    held = world.engine.account(world.no(account))
    held.credits_settled = 100

    for owners, expected in ((("own",), by_owner), (("scheme",), by_other)):
        act = world.move((account, "sink", 5), kind=bundle, authority=world.owner(*owners))
        assert Act(expected, -1 if expected is None else 0) == act


@pytest.mark.parametrize(
    ("account", "kind", "bundle", "by_owner", "by_other"),
    [
        ("own/NOR", A.SETTLEMENT, K.PAYMENT, None, None),
        ("own/NOR/c", A.CLIENT, K.PAYMENT, None, None),
        ("own/NOR/fee", A.FEE, K.FEE, None, None),
        ("own/NOR/s", A.SUSPENSE, K.CASE, None, None),
        ("own/NOR/t", A.TITLE, K.DVP, None, None),
        ("own/NOR/cycle", A.RESERVED, K.PAYMENT, NO, NO),
        ("own/NOR/cycle", A.RESERVED, K.CYCLE, None, NO),
        ("own/NOR/trade", A.RESERVED, K.CYCLE, NO, NO),
        ("own/NOR/trade", A.RESERVED, K.TRADE, None, NO),
        ("own/NOR/pot", A.RESERVED, K.PAYMENT, None, NO),
        ("own/NOR/m", A.MARGIN, K.PAYMENT, NO, NO),
        ("own/NOR/m", A.MARGIN, K.MARGIN, None, None),
        ("own/NOR/r", A.RESIDUAL, K.PAYMENT, None, None),
        ("own/NOR/r", A.RESIDUAL, K.CASE, NO, NO),
        ("own/NOR/e", A.ESCROW, K.DVP, None, None),
        ("own/NOR/e", A.ESCROW, K.PAYMENT, NO, NO),
    ],
)
def test_credits(account, kind, bundle, by_owner, by_other):
    world = Small("rich", funded=100)
    world.owner("own")
    made = {"made_by": K.DVP} if kind == A.ESCROW else {}
    world.open(account, kind, **made)

    for owners, expected in ((("rich", "own"), by_owner), (("rich",), by_other)):
        act = world.move(("rich", account, 5), kind=bundle, authority=world.owner(*owners))
        assert Act(expected, -1 if expected is None else 0) == act


@pytest.mark.parametrize("kind", [A.ISSUER, A.TITLE_ISSUER])
def test_no_sequence_by_others_moves_an_issuer_account(kind):
    world = Small("rich", funded=100)
    name = "STAG/NOR/more"
    world.open(name, kind)

    for bundle in Kind:
        for legs in ((name, "rich", 5), ("rich", name, 5)):
            act = world.move(legs, kind=bundle, authority=world.owner("rich"))
            assert Act(NOT_ISSUER, 0) == act
    assert world.move((name, "rich", 5), authority=world.owner("STAG")) == Act()
    assert world.move(("rich", name, 5), authority=world.owner("STAG", "rich")) == Act()


def test_transit_is_moved_by_cycles_alone():
    world = Small("rich", "poor", funded=100)
    world.open("hub/NOR/transit", A.TRANSIT)
    through = (("rich", "hub/NOR/transit", 5), ("hub/NOR/transit", "poor", 5))

    assert world.move(*through, kind=K.CYCLE, policy=Policy.AT_END, authority=world.owner("rich")) == Act()
    assert world.move(*through, kind=K.PAYMENT) == Act(NO, 0)


def test_a_purpose_that_names_no_owner_gives_nobody_authority():
    """Number 0 stands for an owner that is not there; it opens nothing."""
    world = Small("rich", funded=100)
    world.open("own/NOR/pot", A.RESERVED)
    world.move(("rich", "own/NOR/pot", 50))

    assert world.move(("own/NOR/pot", "rich", 5), authority=(0, -1)) == Act(NO, 0)


def test_a_block_does_not_keep_a_commitment_from_its_owner():
    """What was committed comes back to its owner's settlement account, and stays under the block there."""
    world = Small("own", "rich", funded=100)
    world.open("own/NOR/cycle", A.RESERVED)
    world.open("own/NOR/pot", A.RESERVED)
    own = world.owner("own")
    assert world.move(("own", "own/NOR/cycle", 40), kind=K.CYCLE, authority=own) == Act()
    assert world.move(("own", "own/NOR/pot", 10), authority=own) == Act()
    for name in ("own", "own/NOR/cycle"):
        assert world.engine.block(world.no(name), debits=True, credits=True, freeze=True) is None

    assert world.move(("own/NOR/cycle", "rich", 40), kind=K.CYCLE) == Act(
        Refusal.ACCOUNT_DEBITS_ARE_BLOCKED, 0
    )
    assert world.move(("own/NOR/pot", "own", 10), authority=own) == Act(
        Refusal.ACCOUNT_CREDITS_ARE_BLOCKED, 0
    )
    assert world.move(("own/NOR/cycle", "own", 40), kind=K.CYCLE) == Act()
    assert world.move(("own", "rich", 1), authority=own) == Act(Refusal.ACCOUNT_DEBITS_ARE_BLOCKED, 0)


def test_neither_ceiling_nor_limit_keeps_a_commitment_from_its_owner():
    """Tested at the end of its bundle: what comes back alone passes both, what others pay does not."""
    world = Small("own", "rich", funded=100)
    world.open("own/NOR/cycle", A.RESERVED)
    own = world.owner("own")
    assert world.move(("own", "own/NOR/cycle", 40), kind=K.CYCLE, authority=own) == Act()
    assert world.engine.change_account(world.no("own"), floor=0, ceiling=60) is None
    limit_no = world.engine.open_limit(LimitKind.FLOW, world.nor, 0)
    assert isinstance(limit_no, int)
    assert world.engine.attach_limit(limit_no, [world.no("own/NOR/cycle")]) is None

    at_end = {"kind": K.CYCLE, "policy": Policy.AT_END}
    paid = world.move(
        ("own/NOR/cycle", "own", 40), ("rich", "own", 1), **at_end, authority=world.owner("rich")
    )
    assert paid == Act(Refusal.CEILING_WOULD_BE_EXCEEDED, 1)
    assert world.move(("own/NOR/cycle", "own", 40), **at_end) == Act()
    assert world.move(("rich", "own", 1), authority=world.owner("rich")) == Act(
        Refusal.CEILING_WOULD_BE_EXCEEDED, 0
    )
