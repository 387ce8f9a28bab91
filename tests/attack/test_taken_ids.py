"""A command whose id is that of a thing which another command has made, though not under its own id.

Parts of receipts and of deliveries have ids that no command ever has: their
time is beyond what the window of ids lets in, whether the thing is still there or not. Orders among many messages
have ids of their sender's, which stand in that window.
"""

from typing import Any

from steelyard.engine.refusals import Refusal as No
from steelyard.flows.command import NO_FIELDS, Command, Outcome, raw
from steelyard.flows.market_facts import OrderEntered, OrderRefused
from steelyard.flows.order import OrderFields
from steelyard.flows.order_many import MessagesFields, NewMessage
from steelyard.flows.receipt import DraftFields, MergeFields, SplitFields
from steelyard.market.deliveries import Delivery
from steelyard.market.orders import Side
from steelyard.market.refusals.orders import OrderRefusal
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


def entered(outcome: Outcome) -> list[OrderEntered]:
    return [fact for fact in facts(outcome) if isinstance(fact, OrderEntered)]


def test_an_order_under_the_id_of_another_is_refused() -> None:
    """Of an open one a trade of both would find two; of one that has ended the tables would. Alone or among many."""
    net = Market()
    net.ready(BUYER, "OST", 1_000)
    net.ready(OTHER, "OST", 1_000)
    net.stocked(50)
    asked = OrderFields(SPOT, Side.BUY, 2, 100)
    (key,) = [fact.order_id for fact in entered(done(net.many(BUYER, asked)))]
    alone = net.entered(OTHER, Side.BUY, 1, 90)

    for is_open in (True, False):
        for taken in (key, alone):
            second = under(
                net, taken, "order.enter", OrderFields(SPOT, Side.BUY, 3, 100), BUYER, f"t-{BUYER}"
            )
            assert is_refused(second, No.ID_REUSED_WITH_OTHER_CONTENT)
            net.at += 1_000_000
            many = done(net.trader(OTHER, "order.many", MessagesFields((NewMessage(taken, asked),))))
            assert [OrderRefusal.ORDER_ID_USED.code] == [
                fact.refusal for fact in facts(many) if isinstance(fact, OrderRefused)
            ]
        if is_open:
            assert [(BUYER, SELLER, 2, 200, 200)] == trades(done(net.order(SELLER, Side.SELL, 2, 100)))
            done(net.unorder(OTHER, alone))
    assert {} == net.world.books.rows
    net.check()


def test_an_order_among_many_has_an_id_that_a_command_could_have() -> None:
    """Neither nothing, nor one that is older than what is remembered, nor one of tomorrow."""
    net = Market()
    net.ready(BUYER, "OST", 1_000)
    ids = (bytes(16), bytes(5) + b"\1" * 11, ((net.at + DAY) // 10**6).to_bytes(6, "big") + bytes(10))
    asked = OrderFields(SPOT, Side.BUY, 2, 100)

    many = done(net.trader(BUYER, "order.many", MessagesFields(tuple(NewMessage(id, asked) for id in ids))))

    assert [No.ID_IS_ZERO.code, No.ID_IS_TOO_OLD.code, No.ID_IS_FROM_THE_FUTURE.code] == [
        fact.refusal for fact in facts(many) if isinstance(fact, OrderRefused)
    ]
    assert {} == net.world.books.rows


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
