"""Whatever traders do: books and rows agree, every bound is covered, goods and money are conserved."""

from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.flows.command import Code
from steelyard.flows.market_money import MoneyFields, ReceiptFields
from steelyard.flows.order import ReplaceFields
from steelyard.market.orders import Side, Tif, Type
from tests.flows.goods import BUYER, OTHER, RYE, SELLER
from tests.flows.markets import SPOT, WIDE, Market
from tests.flows.payworld import ASSETS, LEVR, PONS

OWNERS = (SELLER, BUYER, OTHER)
acts = st.lists(
    st.one_of(
        st.tuples(
            st.just("order"), st.sampled_from(OWNERS), st.sampled_from([SPOT, WIDE]), st.sampled_from(Side),
            st.integers(1, 30), st.integers(8_000, 12_000), st.sampled_from(ASSETS),
            st.sampled_from([Tif.GTC, Tif.GTC, Tif.IOC, Tif.FOK, Tif.DAY]), st.integers(0, 5),
        ),
        st.tuples(st.just("market"), st.sampled_from(OWNERS), st.sampled_from(Side), st.integers(1, 30)),
        st.tuples(st.just("stop"), st.sampled_from(OWNERS), st.sampled_from(Side), st.integers(9_000, 11_000)),
        st.tuples(st.just("cancel"), st.integers(0, 60)),
        st.tuples(st.just("replace"), st.integers(0, 60), st.integers(0, 30), st.integers(0, 12_000)),
        st.tuples(st.just("money"), st.sampled_from(OWNERS), st.sampled_from(ASSETS), st.integers(1, 300_000)),
        st.tuples(st.just("back"), st.sampled_from(OWNERS), st.sampled_from(ASSETS), st.integers(1, 300_000)),
        st.tuples(st.just("stock"), st.sampled_from(OWNERS), st.integers(1, 40)),
        st.tuples(st.just("return"), st.integers(0, 20)),
        st.tuples(
            st.just("quote"), st.sampled_from([PONS, LEVR]), st.sampled_from(ASSETS), st.sampled_from(ASSETS),
            st.integers(1, 3), st.integers(1, 3), st.integers(1, 200_000),
        ),
        st.tuples(st.just("block"), st.sampled_from(OWNERS), st.sampled_from(ASSETS)),
    ),
    max_size=60,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(acts)
def test_whatever_traders_do_everything_stays_bound_and_covered(stream):
    """Refusals are allowed, faults are not; every refusal leaves the state as it was."""
    net = Market(ref_price=10_000, limit_bp=3_000)
    engine = net.world.engine
    for owner in OWNERS:
        net.ready(owner, "OST", 400_000)
        net.stocked(20, owner)
    for provider in (PONS, LEVR):
        for asset in ASSETS:
            net.ready(provider, asset, 1_000_000)
    before = {no: engine.balance(no).balance for no in _money(net)}
    for act in stream:
        state = net.titles_and_money()
        outcome = _do(net, act)
        if outcome is not None and outcome.code == Code.REFUSED:
            assert state == net.titles_and_money()
    net.check()
    for asset in ASSETS:
        mine = [no for no in before if engine.accounts[no].name.split("/")[1] == asset]
        assert sum(before[no] for no in mine) == sum(
            engine.balance(no).balance
            for no in _money(net)
            if engine.accounts[no].name.split("/")[1] == asset
        )


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
        case ("order", owner, code, side, quantity, price, currency, tif, peak):
            more = {"currency": currency} if code == WIDE else {}
            if peak and tif in (Tif.GTC, Tif.DAY):
                more["peak"] = min(peak, quantity)
            return net.order(owner, side, quantity, price, code, tif=tif, **more)
        case ("market", owner, side, quantity):
            return net.order(owner, side, quantity, 0, type=Type.MARKET)
        case ("stop", owner, side, stop):
            return net.order(owner, side, 5, stop, stop=stop)
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
            return net.firm(provider, sell, buy, num, den, size)
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
