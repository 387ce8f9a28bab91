"""Goods against money: all legs move or none does, whichever of them is stopped."""

import pytest

from steelyard.engine.accounts import AccountKind
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.refusals import Refusal
from steelyard.engine.state import Engine
from steelyard.market.dvp import Deal, exchange
from steelyard.market.receipts import Receipt, ReceiptEvent, ReceiptState
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.market.titles import ReceiptClass, Site, Titles
from steelyard.values.asset import AssetClass
from steelyard.values.instants import DAY

AT = 20_000 * DAY
ID = AT // 1_000_000 << 80


class Scene:
    """Anna sells two receipts of 50 and 30 kg to Bram; he pays in NOR, Pons changes it into SUD."""

    def __init__(self) -> None:
        self.engine, self.titles = Engine(), Titles()
        self.titles.sites["PORT"] = Site("PORT", "house", "inspector", 1_000, 1_000, "NOR", 0)
        self.titles.classes["RYE"] = ReceiptClass("RYE", "PORT", "RYE 1", "2026")
        for asset, kind in (("NOR", 1), ("SUD", 1), ("RYE", 2)):
            self.engine.open_asset(asset, AssetClass(kind), scale=0, issuer="house")
            issuer = AccountKind.ISSUER if kind == 1 else AccountKind.TITLE_ISSUER
            self.engine.open_account(f"house/{asset}/issuer", "house", self.engine.asset_nos[asset], issuer)
        self.put("bram", "NOR", 700)
        self.put("pons", "SUD", 300)
        self.put("anna", "RYE", 80)
        for name, kg in ((b"a", 50), (b"b", 30)):
            self.titles.put(Receipt(name, "RYE", "anna", kg, ((kg, 1),), ReceiptState.ISSUED))

    def account(self, owner, asset):
        """Give an account, opened at its first use."""
        found = self.engine.account_no(f"{owner}/{asset}")
        if found is None:
            title = asset == "RYE"
            found = self.engine.open_account(
                f"{owner}/{asset}",
                owner,
                self.engine.asset_nos[asset],
                AccountKind.ESCROW if title else AccountKind.SETTLEMENT,
                made_by=Kind.DVP if title else 0,
            )
        return found

    def put(self, owner, asset, amount):
        """Issue some of an asset to an owner."""
        leg = Leg(self.engine.account_no(f"house/{asset}/issuer"), self.account(owner, asset), amount)
        kind = Kind.DVP if asset == "RYE" else Kind.ISSUE
        number = ID + 1_000 + len(self.engine.accounts)
        act = self.engine.move(Bundle(number, kind, (leg,)), authority=[1], at=AT)
        assert act.refusal is None

    def deal(self, *receipts, sold=300, paid=700):
        """Give the deal over some receipts."""
        money = (
            Leg(self.account("bram", "NOR"), self.account("pons", "NOR"), paid),
            Leg(self.account("pons", "SUD"), self.account("anna", "SUD"), sold),
        )
        self.account("bram", "RYE")
        return Deal(receipts, "anna", "bram", money)

    def change(self, name, **changes):
        """Put a receipt into another state."""
        held = self.titles.receipts[name]
        kept = {key: getattr(held, key) for key in held.__struct_fields__} | changes
        self.titles.put(Receipt(**kept))

    def exchange(self, deal):
        owners = [self.engine.add_owner(one) for one in ("anna", "bram", "pons")]
        return exchange(self.engine, self.titles, deal, self.account, number=ID, authority=owners, at=AT)

    def all(self):
        """Give every byte of balances and titles; the ids that the window has seen are no part of it."""
        counts = [
            (one.name, one.debits_settled, one.credits_settled, one.debits_reserved, one.credits_reserved)
            for one in self.engine.accounts[1:]
        ]
        return counts, len(self.engine.reservations), self.titles.encode()

    def held(self, owner, asset):
        return self.engine.balance(self.account(owner, asset)).balance


@pytest.fixture
def scene():
    """Give the scene."""
    return Scene()


def test_everything_moves_together(scene):
    """Both receipts as one leg of their class."""
    assert scene.exchange(scene.deal(b"a", b"b")) is None
    assert [0, 700, 0, 300] == [
        scene.held(*one) for one in (("bram", "NOR"), ("pons", "NOR"), ("pons", "SUD"), ("anna", "SUD"))
    ]
    assert (80, 0) == (scene.held("bram", "RYE"), scene.held("anna", "RYE"))
    assert {"bram"} == {one.holder for one in scene.titles.receipts.values()}
    assert 80 == scene.titles.held_kg("bram", "RYE")


def test_one_receipt_of_two_stays_where_it_is(scene):
    """Only what the deal names is sold."""
    assert scene.exchange(scene.deal(b"b")) is None
    assert (50, 30) == (scene.titles.held_kg("anna", "RYE"), scene.titles.held_kg("bram", "RYE"))
    assert (50, 30) == (scene.held("anna", "RYE"), scene.held("bram", "RYE"))


@pytest.mark.parametrize("short", [{"paid": 701}, {"sold": 301}])
def test_one_short_leg_changes_nothing(scene, short):
    """By one minor unit, on either side of the exchange."""
    deal = scene.deal(b"a", b"b", **short)
    before, hashed = scene.all(), scene.engine.state_hash()

    assert Refusal.LIQUIDITY_IS_SHORT is scene.exchange(deal)
    assert before == scene.all()
    assert hashed == scene.engine.state_hash()


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"state": ReceiptState.PLEDGED, "pledgee": "bank"}, TitleRefusal.RECEIPT_IS_PLEDGED),
        ({"state": ReceiptState.LOCKED, "bound_to": b"d"}, TitleRefusal.RECEIPT_IS_LOCKED),
        ({"state": ReceiptState.FROZEN, "before": ReceiptState.ISSUED}, TitleRefusal.RECEIPT_IS_FROZEN),
        ({"state": ReceiptState.EXPIRED}, TitleRefusal.RECEIPT_HAS_EXPIRED),
        ({"holder": "bank"}, TitleRefusal.RECEIPT_IS_ANOTHERS),
    ],
)
def test_one_receipt_that_may_not_go_keeps_all_back(scene, changes, refusal):
    """The other receipt and all money stay."""
    deal = scene.deal(b"a", b"b")
    scene.change(b"b", **changes)
    before = scene.all()

    assert refusal is scene.exchange(deal)
    assert before == scene.all()


def test_a_blocked_account_keeps_all_back(scene):
    """Where a leg would credit it, too."""
    deal = scene.deal(b"a")
    scene.engine.block(scene.account("anna", "SUD"), debits=False)
    before = scene.all()

    assert Refusal.ACCOUNT_CREDITS_ARE_BLOCKED is scene.exchange(deal)
    assert before == scene.all()


def test_money_that_was_set_aside_pays_or_stays_set_aside(scene):
    """A freeze keeps the reservation; once it is lifted the reservation is what pays."""
    deal = scene.deal(b"a", b"b")
    for name in (b"a", b"b"):
        scene.change(name, state=ReceiptState.LOCKED)
    deal = Deal(deal.receipts, "anna", "bram", deal.money, ReceiptEvent.DELIVERED)
    owners = [scene.engine.add_owner(one) for one in ("anna", "bram", "pons")]
    held = Bundle(ID + 1, Kind.DVP, deal.money, deadline_at=AT + DAY)
    assert scene.engine.reserve(held, authority=owners, at=AT).refusal is None
    scene.engine.block(scene.account("pons", "SUD"), freeze=True)
    before = scene.all()
    args = {"authority": owners, "at": AT, "releasing": [ID + 1]}

    assert exchange(scene.engine, scene.titles, deal, scene.account, number=ID + 2, **args) is not None
    assert before == scene.all()
    scene.engine.unblock(scene.account("pons", "SUD"), people=2)
    assert exchange(scene.engine, scene.titles, deal, scene.account, number=ID + 3, **args) is None
    assert 80 == scene.titles.held_kg("bram", "RYE") == scene.held("bram", "RYE")
    assert {ReceiptState.ISSUED} == {one.state for one in scene.titles.receipts.values()}
    assert {} == scene.engine.reservations
