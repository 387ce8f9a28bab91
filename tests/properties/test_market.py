"""Whatever traders do: books and rows agree, every bound is covered, goods and money are conserved."""

from collections import Counter
from random import Random

import pytest

from steelyard.flows.command import Code
from steelyard.flows.market_facts import MarketTraded
from steelyard.flows.market_money import MoneyFields, ReceiptFields
from steelyard.flows.market_phase import PhaseFields
from steelyard.flows.order import ReplaceFields
from steelyard.market.orders import Side, Tif, Type
from steelyard.market.phases import Phase
from steelyard.node.market_sweeps import orders_are_bound
from steelyard.values.instants import MINUTE
from tests.flows.goods import BUYER, OTHER, RYE, SELLER
from tests.flows.markets import SPOT, WIDE, Market
from tests.flows.payworld import ASSETS, LEVR, PONS, facts

OWNERS = (SELLER, BUYER, OTHER)
TIFS = [Tif.GTC, Tif.GTC, Tif.GTC, Tif.IOC, Tif.FOK, Tif.DAY]
SEEN: Counter[tuple[str, bool, bool]] = Counter()
"""Trades by book, whether in a call, whether between two currencies"""


def draw(rng):
    """Draw what somebody does; prices and rates lie close together, so that most of it meets."""
    owner, code, side, asset = (rng.choice(those) for those in (OWNERS, (SPOT, WIDE), tuple(Side), ASSETS))
    kind = rng.choices(
        ["order", "market", "stop", "cancel", "replace", "money", "back", "stock", "return", "quote", "block", "phase",
         "wait"], [46, 6, 6, 3, 5, 2, 2, 6, 1, 14, 0.3, 4, 6],
    )[0]  # fmt: skip
    match kind:
        case "order":
            price = 10_000 + rng.randrange(-250, 251)
            return (kind, owner, code, side, rng.randint(1, 12), price, asset, rng.choice(TIFS), rng.choice((0, 0, 3)),
                    rng.random() < 0.1)  # fmt: skip
        case "market":
            return kind, owner, code, side, rng.randint(1, 12), rng.choice((Type.MARKET, Type.MTL)), asset
        case "stop":
            return kind, owner, code, side, 10_000 + rng.randrange(-300, 301), asset
        case "cancel" | "return":
            return kind, rng.randrange(60)
        case "replace":
            return kind, rng.randrange(60), rng.randrange(12), rng.choice((0, 9_900, 10_100))
        case "money" | "back":
            return kind, owner, asset, rng.randint(1, 300_000)
        case "stock":
            return kind, owner, rng.randint(1, 30)
        case "quote":
            sell, buy = rng.sample(ASSETS, 2)
            return (
                kind,
                rng.choice((PONS, LEVR)),
                sell,
                buy,
                rng.randint(98, 103),
                100,
                rng.randint(20_000, 300_000),
            )
        case "block":
            return kind, owner, asset
        case "phase":
            return kind, rng.choice(
                (Phase.VOLATILITY_CALL, Phase.VOLATILITY_CALL, Phase.CONTINUOUS, Phase.HALT)
            )
    return kind, rng.choice((MINUTE, 10 * MINUTE))


@pytest.mark.parametrize("seed", range(12))
def test_whatever_traders_do_everything_stays_bound_and_covered(seed):
    """Refusals are allowed, faults are not; every refusal leaves the state as it was."""
    rng = Random(seed)
    wide = {"ref_price": 10_000, "limit_bp": 500, "collar_bp": 250, "call_seconds": 600}
    net = Market(ref_price=10_000, limit_bp=3_000, wide=wide)
    engine = net.world.engine
    for owner in OWNERS:
        for asset in ASSETS:
            net.ready(owner, asset, 6_000_000)
        net.stocked(60, owner)
    for provider in (PONS, LEVR):
        for asset in ASSETS:
            net.ready(provider, asset, 9_000_000)
    before = {no: engine.balance(no).balance for no in _money(net)}
    for _ in range(300):
        act = draw(rng)
        state = net.titles_and_money()
        outcome = _do(net, act)
        if outcome is None:
            continue
        if outcome.code == Code.REFUSED:
            assert state == net.titles_and_money(), act
        for fact in facts(outcome):
            if isinstance(fact, MarketTraded):
                SEEN[fact.instrument, fact.taker == 2, fact.buyer_currency != fact.seller_currency] += 1
        assert orders_are_bound(net.world) is None, act
    net.check()
    for asset in ASSETS:
        mine = [no for no in before if engine.accounts[no].name.split("/")[1] == asset]
        assert sum(before[no] for no in mine) == sum(
            engine.balance(no).balance
            for no in _money(net)
            if engine.accounts[no].name.split("/")[1] == asset
        )


def test_they_have_traded():
    """In calls and outside, within a currency and across: else the test above would say little."""
    wanted = [
        (SPOT, False, False),
        *((WIDE, call, across) for call in (False, True) for across in (False, True)),
    ]
    assert not SEEN or all(SEEN[one] > 4 for one in wanted), SEEN


def _money(net):
    """All accounts of the market's owners in currencies: together they neither gain nor lose."""
    owners = (*OWNERS, PONS, LEVR)
    return [
        no
        for purpose, owner, asset, no in net.world.members.accounts.rows()
        if owner in owners and asset in ASSETS and purpose != "issuer"
    ]


def _do(net, act):
    books = net.world.books
    match act:
        case ("order", owner, code, side, quantity, price, currency, tif, peak, aon):
            more = {"aon": aon, "currency": currency} if code == WIDE else {"aon": aon}
            if peak and not aon and tif in (Tif.GTC, Tif.DAY):
                more["peak"] = min(peak, quantity)
            return net.order(owner, side, quantity, price, code, tif=tif, **more)
        case ("market", owner, code, side, quantity, kind, currency):
            return net.order(
                owner, side, quantity, 0, code, type=kind, currency=currency if code == WIDE else ""
            )
        case ("stop", owner, code, side, stop, currency):
            return net.order(owner, side, 5, stop, code, stop=stop, currency=currency if code == WIDE else "")
        case ("phase", phase):
            return net.two("instrument.phase", PhaseFields(WIDE, phase, "test"), "operator")
        case ("wait", ns):
            net.wait(ns)
            return None
        case ("cancel", place):
            row = _row(books, place)
            return net.unorder(row.owner, row.key) if row else None
        case ("replace", place, quantity, price):
            row = _row(books, place)
            return (
                net.trader(row.owner, "order.replace", ReplaceFields(row.key, quantity, price))
                if row
                else None
            )
        case ("money", owner, asset, minor):
            return net.trader(owner, "trade_account.deposit", MoneyFields(asset, minor))
        case ("back", owner, asset, minor):
            return net.trader(owner, "trade_account.withdraw", MoneyFields(asset, minor))
        case ("stock", owner, tonnes):
            if net.world.titles.live_kg("PORT", "RYE 1") + tonnes * 1_000 <= 1_000_000:
                net.stocked(tonnes, owner)
            return None
        case ("return", place):
            held = [one for owner in OWNERS for one in books.stocks.of(owner, RYE)]
            if not held:
                return None
            receipt_id = held[place % len(held)][0]
            return net.trader(net.receipt(receipt_id).holder, "receipt.return", ReceiptFields(receipt_id))
        case ("quote", provider, sell, buy, num, den, size):
            return net.firm(provider, sell, buy, num, den, size, in_auctions=num > 100)
        case ("block", owner, asset):
            engine = net.world.engine
            number = engine.account_no(f"{owner}/{asset}/trade")
            if engine.account(number).state.value:
                engine.unblock(number, people=2)
            else:
                engine.block(number, debits=True, credits=True)
    return None


def _row(books, place):
    rows = [books.rows[no] for no in sorted(books.rows)]
    return rows[place % len(rows)] if rows else None
