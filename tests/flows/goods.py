"""A small trade in grain for tests: Carl keeps the warehouse, Birk inspects, Anna sells, Bram buys, Cleo lends."""

from hashlib import sha256
from typing import Any

from steelyard.flows.approve import ApproveFields, ProposeFields
from steelyard.flows.command import NO_FIELDS, Code, Command, Outcome, encode, raw
from steelyard.flows.receipt import DraftFields, NamedFields
from steelyard.flows.title_facts import ReceiptMoved
from steelyard.flows.warehouse import ClassFields, SiteFields, StockFields
from steelyard.market.receipts import Receipt
from steelyard.market.titles import PURPOSE
from steelyard.members.people import PERSON, Actor
from steelyard.members.roles import Role
from steelyard.values.instants import DAY
from tests.flows.payworld import ANNA, ARNE, BIRK, BRAM, CARL, CLEO, Network, facts

HOUSE, JUDGE, SELLER, BUYER, LENDER, OTHER = CARL, BIRK, ANNA, BRAM, CLEO, ARNE
SITE, RYE, OATS, GRADE = "PORT", "RYE-1-26.PORT", "OATS-26.PORT", "RYE 1"
PAPER = sha256(b"paper").digest()


class Goods(Network):
    """A network with one site, two classes of receipts and 1,000 t of rye certified."""

    def __init__(self, world: Any = None, *, certified_kg: int = 1_000_000, rate_minor: int = 3) -> None:
        super().__init__(world)
        if world is not None:
            return
        for owner, role in (("operator", Role.OPERATOR), (HOUSE, Role.WAREHOUSE), (JUDGE, Role.INSPECTOR)):
            for number in (1, 2):
                person = Actor(f"p-{owner}-{number}", owner, PERSON, (role,), public_key=bytes([number]) * 32)
                self.world.members.put_actor(person)
        done(
            self.two(
                "site.put",
                SiteFields(SITE, HOUSE, JUDGE, 5_000_000, 4_000_000, "OST", rate_minor),
                "operator",
            )
        )
        for code, grade in ((RYE, GRADE), (OATS, "OATS")):
            done(self.one("receipt.class", ClassFields(code, SITE, grade, "2026"), HOUSE))
        done(self.one("stock.certify", StockFields(SITE, GRADE, certified_kg, PAPER), JUDGE))

    def one(self, name: str, fields: Any, owner: str) -> Outcome:
        """Let the first person of an owner give a command."""
        return self.give(name, fields, owner, actor=f"p-{owner}-1")

    def two(self, name: str, fields: Any, owner: str) -> Outcome:
        """Let one person of an owner propose a command and another approve it."""
        self._number += 1
        inner_id = self.id()
        inner = encode(Command(name, 1, inner_id, owner, f"p-{owner}-1", 0, raw(fields), NO_FIELDS, inner_id))
        proposed = self.give("propose", ProposeFields(inner), owner, actor=f"p-{owner}-1")
        if proposed.code == Code.REFUSED:
            return proposed
        (proposal,) = [fact.proposal for fact in facts(proposed)]
        return self.give(
            "approve", ApproveFields(proposal, sha256(inner).digest()), owner, actor=f"p-{owner}-2"
        )

    def id(self) -> bytes:
        self._number += 1
        return (self.at // 1_000_000).to_bytes(6, "big") + sha256(b"id%d" % self._number).digest()[:10]

    def draft(self, kg: int, holder: str = SELLER, code: str = RYE, *, valid_until: int = 0) -> bytes:
        """Draft a receipt and give its id."""
        outcome = self.one(
            "receipt.draft", DraftFields(code, holder, kg, self.at // DAY, valid_until, PAPER), HOUSE
        )
        (moved,) = receipts(done(outcome))
        return moved.receipt_id

    def issue(self, kg: int, holder: str = SELLER, code: str = RYE, *, valid_until: int = 0) -> bytes:
        """Draft and issue a receipt and give its id."""
        receipt_id = self.draft(kg, holder, code, valid_until=valid_until)
        done(self.two("receipt.issue", NamedFields(receipt_id), HOUSE))
        return receipt_id

    def receipt(self, receipt_id: bytes) -> Receipt:
        return self.world.titles.receipts[receipt_id]

    def kg(self, owner: str, code: str = RYE) -> int:
        """Give what is on an owner's account of titles; his receipts say the same."""
        account_no = self.world.members.accounts.get(PURPOSE, owner, code)
        held = self.world.engine.balance(account_no).balance if account_no else 0
        assert held == self.world.titles.held_kg(owner, code)
        return held

    def check(self) -> None:
        """Hold every invariant: those of the network, and that titles and accounts say the same."""
        super().check()
        world = self.world
        for purpose, owner, asset, account_no in world.members.accounts.rows():
            if purpose == PURPOSE:
                assert world.titles.held_kg(owner, asset) == world.engine.balance(account_no).balance
        for site, grade in world.titles.stocks:
            assert world.titles.live_kg(site, grade) <= world.titles.stock(site, grade).certified_kg
        rebuilt = Goods(type(world).decode(dict(world.sections())))
        assert rebuilt.world.state_hash() == world.state_hash()

    def titles_and_money(self) -> list[bytes]:
        """Give the bytes of everything a refusal must leave alone; the id window is no part of it."""
        return [content for name, content in self.world.sections() if name not in ("world", "ids", "members")]


def done(outcome: Outcome) -> Outcome:
    assert outcome.code == Code.DONE, outcome.refusal
    return outcome


def receipts(outcome: Outcome) -> list[ReceiptMoved]:
    return [fact for fact in facts(outcome) if isinstance(fact, ReceiptMoved)]
