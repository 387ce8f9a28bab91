"""A node is killed in the midst of trading and of deliveries, once it stops in good order; the callers go on.

Four traders enter orders one by one and many at once, in one currency and in three, two providers put firm quotes and
take them back, money goes onto trade accounts and from there. Beside them goods are delivered step by step: offered or
dealt out by notice, named, certified, invoiced, paid against title, loaded. In the end everything that was told stands
in the journal once, replay from the beginning gives the same state as a snapshot with the rows after it, what the
books say is what rows, bindings, accounts and receipts say, and no money or goods were made or lost.
"""

import asyncio
import time
from collections import Counter

import pytest

from steelyard.flows.command import decode_outcome
from steelyard.flows.delivery import AssignFields, CertifyFields, NamedFields
from steelyard.flows.delivery_notice import NoticeFields
from steelyard.flows.delivery_pay import FundFields
from steelyard.flows.facts import decode_fact
from steelyard.flows.market_facts import MarketTraded
from steelyard.flows.market_money import MoneyFields
from steelyard.flows.market_quote import NamedFields as QuoteNamed
from steelyard.flows.market_quote import QuoteFields
from steelyard.flows.order import CancelFields, MassFields, OrderFields
from steelyard.flows.receipt_out import LeaveFields
from steelyard.flows.title_facts import DeliveryMoved
from steelyard.market.orders import Side, Tif
from steelyard.members.accounts import ISSUER
from steelyard.node.replay import load, rows_after
from steelyard.node.sweeps import first_fault
from steelyard.storage.frames import iter_acts
from steelyard.storage.queries import Reader
from steelyard.values.instants import DAY, HOUR
from tests.crash.markets import OWNERS, PARCEL_KG, Line, facts, floor, free_parcels
from tests.crash.test_crash import ROUNDS, Book, check, pages, server  # noqa: F401
from tests.crash.world import NodeProcess, journal_of, prepare, seeded
from tests.flows.goods import BUYER, HOUSE, JUDGE, PAPER, RYE, SELLER
from tests.flows.haul import FOUND, Haul
from tests.flows.markets import SPOT, WIDE, entering
from tests.flows.payworld import ASSETS, LEVR, PONS

KILLS = max(2, ROUNDS * 2 // 5)
HAULERS = 3


@pytest.fixture(scope="module")
def begun():
    """Give the market as it is laid down before the first node."""
    return floor(40 * ROUNDS).world


@pytest.fixture(params=["sqlite", "postgres"])
def config(request, tmp_path, begun):
    """Give a prepared node's settings on each database; an orderly stop writes a snapshot."""
    journal = ""
    if request.param == "postgres":
        journal = request.getfixturevalue("server").new_database(f"crash_market_{KILLS}")
    yield prepare(tmp_path / "n", journal=journal, build=lambda: begun, snapshot_after_s=0)
    if journal:
        request.getfixturevalue("server").drop_database(f"crash_market_{KILLS}")


async def trade(line, owner):
    """Trade until it is over."""
    rng, key, mine = line.rng, f"t-{owner}", []

    def order(code):
        side = rng.choice((Side.BUY, Side.SELL))
        tif = rng.choice((Tif.GTC, Tif.GTC, Tif.IOC, Tif.FOK))
        currency = rng.choice(ASSETS) if code == WIDE else ""
        peak = rng.randrange(2) if tif is Tif.GTC else 0
        return OrderFields(
            code,
            side,
            rng.randrange(1, 9),
            10_000 + rng.randrange(-200, 200),
            tif=tif,
            currency=currency,
            peak=peak,
        )

    while not line.over:
        draw, code = rng.random(), rng.choice((SPOT, WIDE))
        if draw < 0.6:
            outcome = await line.ask(owner, key, "order.enter", order(code))
        elif draw < 0.75:
            orders = [order(rng.choice((SPOT, WIDE))) for _ in range(30)]
            many = entering(orders, time.time_ns(), rng.randbytes(8))
            outcome = await line.ask(owner, key, "order.many", many)
        elif draw < 0.85 and mine:
            outcome = await line.ask(owner, key, "order.cancel", CancelFields(tuple(mine[-20:])))
            mine.clear()
        elif draw < 0.9:
            outcome = await line.ask(owner, key, "order.cancel_all", MassFields(rng.choice(("", SPOT, WIDE))))
        else:
            verb = rng.choice(("deposit", "withdraw"))
            fields = MoneyFields(rng.choice(ASSETS), rng.randrange(1, 10**6))
            outcome = await line.ask(owner, key, f"trade_account.{verb}", fields)
        for fact in map(decode_fact, outcome.facts):
            if getattr(fact, "owner", "") == owner and hasattr(fact, "order_id"):
                mine.append(fact.order_id)


async def quote(line, provider):
    """Put firm quotes near par and take some back, until it is over."""
    rng, mine = line.rng, []
    while not line.over:
        sell, buy = rng.sample(ASSETS, 2)
        terms = (rng.randrange(99, 102), 100, rng.randrange(10_000, 1_000_000), time.time_ns() + HOUR)
        outcome = await line.ask(provider, f"t-{provider}", "firm_quote.put", QuoteFields(sell, buy, *terms))
        mine += [decode_fact(fact).quote_id for fact in outcome.facts[:1]]
        if len(mine) > 30:
            await line.ask(
                provider,
                f"t-{provider}",
                "firm_quote.withdraw",
                QuoteNamed(mine.pop(rng.randrange(len(mine)))),
            )
        await asyncio.sleep(0.005)


def moved(outcome):
    """Give the last move of a delivery that an outcome tells of."""
    return [fact for fact in facts(outcome) if isinstance(fact, DeliveryMoved)][-1]


async def deliver(line, receipts, ended):
    """Deliver one receipt after another, every second one dealt out by notice, until it is over or none is left."""
    net = Haul.__new__(Haul)
    while not line.over and receipts:
        receipt, net.at = receipts.pop(), time.time_ns()
        name, noticed = f"RYE-{len(receipts)}", len(receipts) % 2
        more = {"assign_by": net.at + DAY, "unit_kg": PARCEL_KG, "instrument": name}
        if noticed:
            opened = await line.by_two("operator", "delivery.open", net.terms(**more, buyer=""))
        else:
            opened = await line.ask(SELLER, f"k-{SELLER}", "delivery.offer", net.terms(**more))
        key = moved(opened).delivery_id
        if not noticed:
            facts(await line.ask(BUYER, f"k-{BUYER}", "delivery.accept", NamedFields(key)))
        facts(await line.ask(SELLER, f"k-{SELLER}", "delivery.assign", AssignFields(key, (receipt,))))
        if noticed:
            key = moved(
                await line.by_two("operator", "delivery.notice", NoticeFields(name, ((BUYER, 1, 1),)))
            ).delivery_id
        steps = (
            (JUDGE, f"p-{JUDGE}-1", "delivery.certify", CertifyFields(key, PARCEL_KG, FOUND, PAPER)),
            (BUYER, f"k-{BUYER}", "delivery.take", NamedFields(key)),
            (BUYER, f"k-{BUYER}", "delivery.fund", FundFields(key)),
            (BUYER, f"k-{BUYER}", "delivery.order_out", NamedFields(key)),
            (HOUSE, f"p-{HOUSE}-1", "receipt.leave", LeaveFields(receipt, PARCEL_KG, PAPER)),
            (HOUSE, f"p-{HOUSE}-1", "delivery.loaded", NamedFields(key)),
            (BUYER, f"k-{BUYER}", "delivery.receive", NamedFields(key)),
        )
        for sender, actor, name, fields in steps:
            facts(await line.ask(sender, actor, name, fields))
        ended.append(key)


async def story(config, rng, book, receipts):
    """Let callers work over all nodes; the middle one is stopped in good order, the others are killed."""
    line, ended = Line(book, rng), []
    going = [asyncio.ensure_future(trade(line, owner)) for owner in OWNERS]
    going += [asyncio.ensure_future(quote(line, provider)) for provider in (PONS, LEVR)]
    going += [asyncio.ensure_future(deliver(line, receipts, ended)) for _ in range(HAULERS)]
    for book.round in range(1, KILLS + 3):
        node = NodeProcess(config)
        link = await node.link()
        line.connected(link, book.round)
        last = book.round == KILLS + 2
        line.over = last
        if last:
            await asyncio.wait_for(asyncio.gather(*going), 60)
        else:
            await asyncio.sleep(rng.uniform(0.4, 1.2))
        assert not [task.result() for task in going if task.done()] or last or not receipts
        line.gone()
        if book.round == KILLS // 2 + 1:
            assert 0 == node.stop()
        else:
            node.kill()
        while not link.stopping:  # what it still said is heard before the line is cut
            await asyncio.sleep(0.01)
        await link.close()
    return ended


def told_of(config):
    """Count the facts in the journal by kind; and the goods that have left."""
    journal, found = journal_of(config), Counter()
    for row in rows_after(journal, 1):
        for act in iter_acts(row.body):
            for fact in map(decode_fact, decode_outcome(act.outcome).facts):
                found[type(fact)] += 1
                if isinstance(fact, MarketTraded):
                    found["across"] += fact.buyer_currency != fact.seller_currency
                if isinstance(fact, DeliveryMoved):
                    found[fact.state] += 1
    journal.close()
    return found


def states(config):
    """Give the state at the end: all rows, and the last snapshot with the rows after it, give the same bytes."""
    journal = journal_of(config)
    whole, tail = load(journal, snapshot_at_most=1), load(journal)
    journal.close()
    assert 1 == whole.snapshot_seq < tail.snapshot_seq < tail.head.seq == whole.head.seq
    assert whole.machine.world.state_hash() == tail.machine.world.state_hash()
    return whole.machine.world


def sums(world):
    """Give what of each currency and each class of goods is with others than its issuer."""
    found = Counter()
    for purpose, _, asset, number in world.members.accounts.rows():
        found[asset] += world.engine.balance(number).balance if purpose != ISSUER else 0
    return found


def projected(config, world, told):
    """Compare the tables of the projection, which `check` has brought up to date, with the state."""
    reader = Reader(config.address("projection"))

    def every(table):
        after = ()
        while rows := reader.page(table, after=after, limit=1_000):
            yield from rows
            after = (rows[-1]["entered"], rows[-1]["n"])

    orders, trades = list(every("market_order")), list(every("market_trade"))
    feed = reader.page("market_feed", limit=100_000)
    reader.close()
    assert {row.key: row.left for row in world.books.rows.values()} == {
        row["order_id"]: row["open"] for row in orders if row["state"] == "open"
    }
    assert told[MarketTraded] == len(trades) == len({row["trade_id"] for row in trades})
    for code in (SPOT, WIDE):
        numbers = [row["seq"] for row in feed if row["instrument"] == code]
        assert list(range(1, len(numbers) + 1)) == numbers


@pytest.mark.crash
@pytest.mark.slow
@pytest.mark.timeout(180 + 20 * KILLS)
def test_a_node_killed_in_trade_and_delivery_loses_and_doubles_nothing(config, begun, request):
    """See the head of this file."""
    book, receipts = Book(), free_parcels(begun)
    before, goods = sums(begun), begun.titles.live_kg("PORT", "RYE 1")
    ended = asyncio.run(story(config, seeded(request.node.name), book, receipts))

    assert check(config, book) > 20 * KILLS
    world, told = states(config), told_of(config)
    assert first_fault(world) is None, first_fault(world)
    left = len(ended) * PARCEL_KG
    assert goods - left == world.titles.live_kg("PORT", "RYE 1")
    before[RYE] -= left
    assert before == sums(world)
    assert not {*ended} & {held.delivery_id for held in world.deliveries.each()}
    projected(config, world, told)
    assert told[MarketTraded] > 20
    assert told["SETTLED"] == len(ended) > 0
    if KILLS >= 10:
        assert told["across"]
    print(f"{KILLS} kills: {told[MarketTraded]} trades, {told['across']} across, {len(ended)} deliveries")
