"""A command whose id is that of a thing which another command has made, though not under its own id.

Parts of receipts and of deliveries, and orders that were entered together, have ids that no command ever has: their
time is beyond what the window of ids lets in, whether the thing is still there or not.
"""

from typing import Any

from steelyard.engine.refusals import Refusal as No
from steelyard.flows.command import NO_FIELDS, Command, Outcome, raw
from steelyard.flows.market_facts import OrderEntered
from steelyard.flows.order import ManyFields, OrderFields
from steelyard.flows.receipt import DraftFields, MergeFields, SplitFields
from steelyard.market.deliveries import Delivery
from steelyard.market.orders import Side
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.values.instants import DAY
from tests.flows.goods import BUYER, HOUSE, LENDER, OTHER, PAPER, RYE, SELLER, Goods, done, receipts
from tests.flows.haul import Haul
from tests.flows.haul import moves as told
from tests.flows.markets import SPOT, Market, trades
from tests.flows.payworld import Network, facts, is_refused


def under(net: Network, taken: bytes, name: str, fields: Any, owner: str, actor: str) -> Outcome:
    """Give a command under an id that is taken."""
    command = Command(name, 1, taken, owner, actor, 0, raw(fields), NO_FIELDS, bytes(16))
    net.at += 1_000_000
    return net.machine.apply(command, at=net.at).outcome


def test_an_order_under_the_id_of_an_open_one_is_refused() -> None:
    """Else a trade of both would look for one order that is twice there."""
    net = Market()
    net.ready(BUYER, "OST", 1_000)
    net.stocked(50)
    orders = ManyFields((OrderFields(SPOT, Side.BUY, 2, 100),))
    entered = done(net.trader(BUYER, "order.enter_many", orders))
    (key,) = [fact.order_id for fact in facts(entered) if isinstance(fact, OrderEntered)]

    second = under(net, key, "order.enter", OrderFields(SPOT, Side.BUY, 3, 100), BUYER, f"t-{BUYER}")

    assert is_refused(second, No.ID_IS_FROM_THE_FUTURE)
    net.at += 1_000_000
    assert [(BUYER, SELLER, 2, 200, 200)] == trades(done(net.order(SELLER, Side.SELL, 5, 100)))
    net.check()


def test_nothing_takes_the_place_of_anothers_receipt() -> None:
    """Neither a merger of one's own receipts nor a new draft."""
    net = Goods()
    whole = net.issue(50_000, BUYER)
    mine = (net.issue(10_000, SELLER), net.issue(10_000, SELLER))
    split = done(net.give("receipt.split", SplitFields(whole, (20_000, 30_000)), BUYER))
    part = receipts(split)[-1].receipt_id
    before = net.titles_and_money()

    merged = under(net, part, "receipt.merge", MergeFields(mine), SELLER, f"k-{SELLER}")
    assert is_refused(merged, No.ID_IS_FROM_THE_FUTURE)
    draft = DraftFields(RYE, SELLER, 5, net.at // DAY, 0, PAPER)
    part = receipts(split)[-2].receipt_id
    assert is_refused(
        under(net, part, "receipt.draft", draft, HOUSE, f"p-{HOUSE}-1"), No.ID_IS_FROM_THE_FUTURE
    )

    assert before == net.titles_and_money()
    assert 50_000 == net.kg(BUYER)
    net.check()


def test_nothing_takes_the_id_of_a_receipt_that_has_ended() -> None:
    """A part that was merged away, and the whole that was split: the first is beyond all commands, the second known."""
    net = Goods()
    whole = net.issue(50_000, SELLER)
    split = done(net.give("receipt.split", SplitFields(whole, (20_000, 30_000)), SELLER))
    part, other = (one.receipt_id for one in receipts(split)[-2:])
    done(net.give("receipt.merge", MergeFields((part, other)), SELLER))
    draft = DraftFields(RYE, SELLER, 5, net.at // DAY, 0, PAPER)

    for ended, refusal in (
        (part, No.ID_IS_FROM_THE_FUTURE),
        (whole, No.ID_REUSED_WITH_OTHER_CONTENT),
    ):
        assert isinstance(net.world.titles.get(ended), TitleRefusal)
        assert is_refused(under(net, ended, "receipt.draft", draft, HOUSE, f"p-{HOUSE}-1"), refusal)
    net.check()


def test_nothing_takes_the_place_of_anothers_delivery() -> None:
    """A delivery of two lots that goes to two buyers is two; an offer under the id of one is none."""
    net = Haul()
    receipt = net.issue(100_000)
    delivery = net.open(buyer="", lots=2)
    done(net.assign(delivery, receipt))
    noticed = done(net.notice((BUYER, 1, 1), (LENDER, 1, 1)))
    (part,) = {one.delivery_id for one in told(noticed)} - {delivery}
    before = net.titles_and_money()

    offer = net.terms(seller=OTHER)
    outcome = under(net, part, "delivery.offer", offer, OTHER, f"k-{OTHER}")

    assert is_refused(outcome, No.ID_IS_FROM_THE_FUTURE)
    assert before == net.titles_and_money()
    assert isinstance(net.world.deliveries.get(part), Delivery)
    net.check()
