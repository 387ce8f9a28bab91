"""A node's World with a grain market in it that trades at once, and callers who go on trading while nodes come and go.

Money and receipts lie ready for every trader, and further receipts for deliveries. A caller that gets no answer sends
the same bytes to the next node, and takes no further step before it has one.
"""

import asyncio
import time
from hashlib import sha256

from steelyard.flows.approve import ApproveFields, ProposeFields
from steelyard.flows.command import NO_FIELDS, Command, encode, raw
from steelyard.flows.facts import decode_fact
from steelyard.flows.warehouse import SiteFields, StockFields
from steelyard.node.link import End, Submission
from tests.flows.goods import BUYER, GRADE, HOUSE, JUDGE, LENDER, OTHER, PAPER, RYE, SELLER, SITE, done
from tests.flows.haul import Haul
from tests.flows.markets import KG, Market
from tests.flows.payworld import ASSETS, LEVR, PONS

OWNERS = (SELLER, BUYER, OTHER, LENDER)
READY_MINOR = 200_000_000
STOCK_TONNES, STOCKS = 5_000, 20
PARCEL_KG = 5_000


class Floor(Market, Haul):
    """The market and the deliveries of one network."""


def floor(parcels: int = 0) -> Floor:
    """Give a market whose time is now, of four traders and two providers; so many small receipts are not in trade."""

    class Now(Floor):
        begins = time.time_ns() - 60 * 10**9

    net = Now()
    done(net.two("site.put", SiteFields(SITE, HOUSE, JUDGE, 10**12, 10**12, "OST", 3), "operator"))
    done(net.one("stock.certify", StockFields(SITE, GRADE, 10**12, PAPER), JUDGE))
    for owner in (*OWNERS, PONS, LEVR):
        for asset in ASSETS:
            net.fund(owner, asset, 2 * READY_MINOR)
            net.ready(owner, asset, READY_MINOR)
    for owner in OWNERS:
        for _ in range(STOCKS):
            net.stocked(STOCK_TONNES, owner)
    for _ in range(parcels):
        net.issue(PARCEL_KG)
    return net


def free_parcels(world) -> list[bytes]:
    """Give the seller's receipts that are free for delivery."""
    return sorted(
        one.receipt_id
        for one in world.titles.receipts.values()
        if one.holder == SELLER and one.code == RYE and one.kg == PARCEL_KG and one.kg < STOCK_TONNES * KG
    )


def submission(rng, sender, actor, name, fields):
    """Make a command as a gateway does: its id and what is sent."""
    command_id = (time.time_ns() // 10**6).to_bytes(6, "big") + rng.randbytes(10)
    made = Command(name, 1, command_id, sender, actor, 0, raw(fields), NO_FIELDS, rng.randbytes(16))
    return command_id, Submission(encode(made))


class Line:
    """The callers' line to whichever node is there, and what they were told."""

    def __init__(self, book, rng):
        self.book, self.rng = book, rng
        self.over = False
        self._link, self._round = None, 0
        self._there = asyncio.Event()

    def connected(self, link, number):
        """Say that a node is there."""
        self._link, self._round = link, number
        self._there.set()

    def gone(self):
        """Say that it is not any more."""
        self._there.clear()

    async def ask(self, sender, actor, name, fields):
        """Send a command until it is answered; give its outcome."""
        command_id, item = submission(self.rng, sender, actor, name, fields)
        while True:
            await self._there.wait()
            link, number = self._link, self._round
            answer = await link.submit(item)
            if answer.end == End.RECORDED:
                place = (answer.seq, answer.position)
                assert self.book.told.setdefault(command_id, (place, number))[0] == place
                return answer.decoded()
            assert answer.end in (End.UNKNOWN, End.TURNED_AWAY), answer
            await asyncio.sleep(0.01)

    async def by_two(self, owner, name, fields):
        """Let one person of an owner propose a command and another approve it; give the outcome of that."""
        _, item = submission(self.rng, owner, f"p-{owner}-1", name, fields)
        proposed = await self.ask(owner, f"p-{owner}-1", "propose", ProposeFields(item.command))
        proposal = facts(proposed)[0].proposal
        shown = sha256(item.command).digest()
        return await self.ask(owner, f"p-{owner}-2", "approve", ApproveFields(proposal, shown))


def facts(outcome):
    """Give the facts of an outcome that was a deed."""
    assert outcome.code == 0, outcome
    return [decode_fact(fact) for fact in outcome.facts]
