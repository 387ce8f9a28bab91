"""What the demonstration claims, and how each claim is shown: from the journal, not from the node's word."""

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from steelyard.engine.accounts import AccountKind
from steelyard.flows.world import World
from steelyard.market.clearing import positions
from steelyard.market.titles import PURPOSE
from steelyard.node.checks import check_all
from steelyard.node.exits import Drift, Stop
from steelyard.node.replay import load
from steelyard.payments.states import State
from steelyard.sim.demo.book import SETTLED, Book
from steelyard.sim.demo.market.telling import tell
from steelyard.sim.demo.script import Sent
from steelyard.storage.journal import CorruptJournal
from steelyard.storage.opening import open_journal


class Claim(Struct, frozen=True):
    """Something that must be true, whether it is, and what was counted."""

    name: str
    holds: bool
    detail: str


class Proved(Struct, frozen=True):
    """The claims, and the hash of the state that replay from row 1 ends in."""

    claims: list[Claim]
    state_hash: str


def prove(folder: Path, book: Book, sent: Sent) -> Proved:
    """Replay a node's journal and hold it to what the banks were told."""
    journal = open_journal(folder / "journal.db")
    try:
        whole = load(journal, snapshot_at_most=0)
        tail = load(journal)
        check_all(whole.machine)
    except (Drift, Stop, CorruptJournal) as fault:
        return Proved([Claim("the journal replays", False, str(fault))], "")
    finally:
        journal.close()
    world = whole.machine.world
    state_hash = world.state_hash()
    same = state_hash == tail.machine.world.state_hash()
    unlike = [
        account.name
        for account in book.accounts.values()
        if abs(book.balance(account.number)) != abs(world.engine.balance(account.number).balance)
    ]
    claims = [
        *_payments(book, sent),
        Claim(
            "replay from row 1 and snapshot with tail end in the same state", same,
            f"{book.commands:,} commands",
        ),
        Claim("balances added up from the legs are the engine's", not unlike, f"{len(book.accounts):,} accounts"),
        *_books(book),
        *_batches(book),
        *_market(book, world),
        Claim("every invariant holds, no reservation is orphaned", True, f"{len(world.engine.accounts):,} accounts"),
    ]  # fmt: skip
    return Proved(claims, state_hash.hex())


def _payments(book: Book, sent: Sent) -> Iterator[Claim]:
    lost = [
        uetr for uetr, told in sent.answers.items() if told.status != "ADMI" and uetr not in book.payments
    ]
    yield Claim("nothing acknowledged is lost", not lost, f"{len(sent.answers):,} answers, {len(lost)} lost")
    doubled = book.entered_twice + book.settled_twice
    yield Claim(
        "nothing is entered or settled twice",
        not doubled,
        f"{len(book.payments):,} payments, {doubled} twice",
    )
    final = [
        uetr
        for uetr, told in sent.answers.items()
        if (line := book.payments.get(uetr)) is not None
        and (
            (told.status == "ACSC" and line.state not in SETTLED)
            or (told.status == "RJCT" and line.state != State.REJECTED)
        )
    ]
    yield Claim("a final answer stayed final", not final, f"{len(final)} changed")


def _books(book: Book) -> Iterator[Claim]:
    totals = book.book_totals()
    uneven = [code for code, (debits, credits) in totals.items() if debits != credits]
    yield Claim("every book balances", not uneven, f"{len(totals)} books, debits = credits in each")
    wrong = []
    money = {number: asset for number, asset in book.assets.items() if asset.asset_class == "currency"}
    for asset_no, asset in money.items():
        accounts = [account for account in book.accounts.values() if account.asset_no == asset_no]
        issuer = AccountKind.ISSUER.name.lower()
        issued = sum(-book.balance(account.number) for account in accounts if account.kind.lower() == issuer)
        held = sum(book.balance(account.number) for account in accounts if account.kind.lower() != issuer)
        funded = sum(funding.amount_minor for funding in book.issued if funding.asset == asset.code)
        if not issued == held == funded:
            wrong.append(asset.code)
    yield Claim("what is held is what settlement agents issued", not wrong, f"{len(money)} currencies")


def _batches(book: Book) -> Iterator[Claim]:
    wrong = [
        batch.number
        for batch in book.batches
        if not batch.proved or int(batch.settled) + int(batch.parts) > int(batch.bound)
    ]
    settled = sum(batch.settled_count + batch.parts_count for batch in book.batches)
    yield Claim(
        "every batch kept to the bound it proved", not wrong,
        f"{len(book.batches)} batches, {settled:,} payments",
    )  # fmt: skip
    pools = [account for account in book.accounts.values() if account.name.endswith("/pool")]
    full = [account.name for account in pools if book.balance(account.number)]
    yield Claim("the pool keeps nothing", not full, f"{len(pools)} accounts at zero")


def _market(book: Book, world: World) -> Iterator[Claim]:
    """Hold goods to receipts, positions to each other, and margin that was paid to margin that was called."""
    titles = [row for row in world.members.accounts.rows() if row[0] == PURPOSE]
    if not titles:
        return
    unlike = [
        owner
        for _, owner, asset, number in titles
        if world.titles.held_kg(owner, asset) != world.engine.balance(number).balance
    ]
    yield Claim(
        "goods on accounts are what live receipts say", not unlike, f"{len(titles)} accounts of titles"
    )
    yield Claim(
        "cleared lots and their costs sum to zero", positions.closed(world.clearing.book), "every contract"
    )
    market = tell(book.market)
    uneven = [run for run in market.runs if run.called_minor != run.paid_minor]
    yield Claim("margin that was called was paid, whoever was short", not uneven, f"{len(market.runs)} runs")
    open_ = [one for one in market.defaults if one.uncovered_minor]
    yield Claim("the waterfall bore a default whole", not open_, f"{len(market.defaults)} default")


def told_right(sent: Sent) -> list[Claim]:
    """Give the claims about what had to be refused."""
    return [
        *(Claim(f"refused: {what}", right, said) for what, said, right in sent.faults),
        *(Claim(what, right, said) for what, said, right in sent.quotes),
    ]
