"""How the market comes into the network: its houses, wheat under receipts, what is listed, the clearing house.

As in the founding of the network nothing is done behind the node's back, and each command is given by who must.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import msgspec

from steelyard.flows.clearing_fund import ContributeFields, MoneyFields
from steelyard.flows.clearing_terms import ContractFields, DeskFields, JoinFields
from steelyard.flows.command import Command
from steelyard.flows.fund import AdviceFields
from steelyard.flows.market_list import ListFields
from steelyard.flows.market_money import MoneyFields as TradeMoney
from steelyard.flows.market_money import OpenFields, ReceiptFields
from steelyard.flows.market_quote import QuoteFields
from steelyard.flows.onboard import ApplyFields, MoveFields
from steelyard.flows.person import PersonFields
from steelyard.flows.price import MethodFields
from steelyard.flows.receipt import DraftFields, NamedFields
from steelyard.flows.warehouse import ClassFields, SiteFields, StockFields
from steelyard.market.assessment import Method
from steelyard.market.basis import Basis, Source
from steelyard.market.books import Way
from steelyard.market.contracts import Contract
from steelyard.market.instruments import Instrument
from steelyard.members.roles import Role
from steelyard.packs.worlds import WorldPack
from steelyard.sim.demo.founding import OPERATOR, OPERATORS, Person, Scribe
from steelyard.sim.demo.market.pack import Goods, MarketPack, price
from steelyard.sim.prices import mid_rate

KG = 1_000
"""Quantities are tonnes, as prices are a tonne."""
RECEIPT_TONNES = 2_000
BENCHMARK = "WHEAT-ALY"
ROLES = (("trader", Role.TRADER), ("maker", Role.MAKER), ("checker", Role.CHECKER))
MARGIN_MINOR, CASH_MINOR = 300_000_000, 500_000_000
"""What each house lodges, and what it has besides, of the currency that is cleared"""
FAILING_MINOR, SHARE_MINOR = 15_000_000, 2_000_000
LIQUIDITY_MINOR, CAPITAL_MINOR = 200_000_000, 1_000_000
BOND_MINOR = 10_000_000
"""What each bidder of the tender sets aside, in the currency of who asks"""
SCAN_BP, QUOTE_BP = 300, 20


def trader(bic: str) -> str:
    """Give who trades for a house."""
    return f"p-{bic}-trader"


def pair(bic: str) -> tuple[str, str]:
    """Give the two who act together for a house."""
    return f"p-{bic}-maker", f"p-{bic}-checker"


def paper(name: str) -> bytes:
    """Give the digest that stands for a paper."""
    return sha256(f"demo/{name}".encode()).digest()


def members(pack: MarketPack, world: WorldPack, scribe: Scribe) -> Iterator[Command]:
    """Give the commands by which everybody of the market comes in, with the money each begins with."""
    for one in pack.everybody:
        yield from _participant(pack, world, scribe, one.bic, one.name)
    for house in pack.visitor:
        yield from _person(scribe, trader(house.bic), house.bic, Role.TRADER)
    for owner, currency, minor in _money(pack, world):
        agent = next(member.settlement_agent for member in world.members if member.currency == currency)
        fields = AdviceFields(currency, owner, minor, f"market-{owner}-{currency}")
        yield scribe.one(agent, f"k-{agent}", "fund.advise", fields)


def _participant(
    pack: MarketPack, world: WorldPack, scribe: Scribe, bic: str, name: str
) -> Iterator[Command]:
    is_provider = bic == pack.provider.bic
    currencies = tuple(sorted({*pack.currencies, pack.cleared_in}))
    fields = ApplyFields(bic, bic[4:6], name, "", is_provider, currencies, is_provider)
    yield from scribe.two(OPERATOR, OPERATORS, "participant.apply", fields)
    for person, role in _roles(pack, bic):
        yield from _person(scribe, person, bic, role)
    yield from scribe.two(OPERATOR, OPERATORS, "participant.admit", MoveFields(bic))
    yield from scribe.two(OPERATOR, OPERATORS, "participant.let_in", MoveFields(bic))


def _roles(pack: MarketPack, bic: str) -> list[tuple[str, Role]]:
    """Give the persons of a participant with the role of each."""
    roles = [(f"p-{bic}-{word}", role) for word, role in ROLES]
    if bic == pack.provider.bic:
        roles.append((f"p-{bic}-1", Role.FX_PROVIDER))
    for one, role in ((pack.warehouse, Role.WAREHOUSE), (pack.inspector, Role.INSPECTOR)):
        if one.bic == bic:
            roles += [(f"p-{bic}-{number}", role) for number in (1, 2)]
    return roles


def _person(scribe: Scribe, person: str, bic: str, role: Role) -> Iterator[Command]:
    human = sha256(f"demo/{person}".encode()).digest()[:16]
    yield from scribe.two(OPERATOR, OPERATORS, "person.add", PersonFields(person, bic, (role,), human))


def people(pack: MarketPack) -> list[Person]:
    """Give the persons of the market: those of its participants, and the traders of visitors."""
    found = [Person(id, one.bic, role) for one in pack.everybody for id, role in _roles(pack, one.bic)]
    return found + [Person(trader(one.bic), one.bic, Role.TRADER) for one in pack.visitor]


def _money(pack: MarketPack, world: WorldPack) -> Iterator[tuple[str, str, int]]:
    """Give what each brings: (owner, currency, minor units)."""
    tonnes = sum(one.tonnes for one in pack.sellers)
    found: dict[tuple[str, str], int] = {}
    for one in pack.buyers:
        found[one.bic, one.currency] = 2 * price(pack, world, one.currency, 1) * tonnes
    for currency in sorted({one.currency for one in pack.sellers}):
        found[pack.provider.bic, currency] = 2 * price(pack, world, currency, 1) * tonnes
    for bic in pack.clearing:
        more = FAILING_MINOR + SHARE_MINOR if bic == pack.failing.bic else MARGIN_MINOR + CASH_MINOR
        key = (bic, pack.cleared_in)
        found[key] = found.get(key, 0) + more
    for bidder in pack.bidders:
        found[bidder.bic, pack.buyers[0].currency] = BOND_MINOR
    key = (pack.provider.bic, pack.cleared_in)
    found[key] = found.get(key, 0) + LIQUIDITY_MINOR + CAPITAL_MINOR
    for (owner, currency), minor in sorted(found.items()):
        yield owner, currency, minor


def wheat(pack: MarketPack, scribe: Scribe, on: int, kept: dict[str, bytes]) -> Iterator[Command]:
    """Give the commands by which wheat lies in the warehouse under receipts, committed to trade.

    Each seller's first receipt stays off the book, for a delivery: it is noted in `kept`, by its holder.
    """
    keeper, judge = pack.warehouse.bic, pack.inspector.bic
    site = SiteFields(
        pack.site, keeper, judge, 10 * pack.certified_kg, 10 * pack.certified_kg, "EGP", pack.storage_minor
    )
    yield from scribe.two(OPERATOR, OPERATORS, "site.put", site)
    first = f"p-{keeper}-1"
    fields: Any = ClassFields(pack.receipt_class, pack.site, pack.grade, pack.crop)
    yield scribe.one(keeper, first, "receipt.class", fields)
    fields = StockFields(pack.site, pack.grade, pack.certified_kg, paper("certificate"))
    yield scribe.one(judge, f"p-{judge}-1", "stock.certify", fields)
    for house in pack.sellers:
        for number in range(house.tonnes // RECEIPT_TONNES):
            named = f"note/{house.bic}/{number}"
            fields = DraftFields(pack.receipt_class, house.bic, RECEIPT_TONNES * KG, on, 0, paper(named))
            draft = scribe.one(keeper, first, "receipt.draft", fields)
            yield draft
            people = (first, f"p-{keeper}-2")
            yield from scribe.two(keeper, people, "receipt.issue", NamedFields(draft.id))
            if house.bic not in kept:
                kept[house.bic] = draft.id
            else:
                yield scribe.one(house.bic, trader(house.bic), "receipt.commit", ReceiptFields(draft.id))


def listings(pack: MarketPack, world: WorldPack, found: Goods, scribe: Scribe) -> Iterator[Command]:
    """Give the commands by which the spot contract and the future's months are listed, with their price series.

    The benchmark is made of what is traded on the spot, by the machine itself at each fixing.
    The spot book's unit is one of each currency that sellers want: those are what the provider quotes against all.
    """
    spot = found.spot
    instrument = Instrument(
        code=found.spot_code, tick=spot.tick_minor, lot=spot.unit // KG, basket="SELLERS",
        basket_holds=basket(pack, world),
    )  # fmt: skip
    fields: Any = ListFields(
        instrument, spot.code, Way.SPOT, pack.receipt_class, KG, (), 0, msgspec.msgpack.encode(spot)
    )
    yield from scribe.two(OPERATOR, OPERATORS, "instrument.list", fields)
    yield from futures(pack, world, found, scribe)
    basis = Basis((Source(found.spot_code, pack.site[:2]),), basket(pack, world), KG)
    yield from scribe.two(
        OPERATOR, OPERATORS, "price.method", MethodFields(BENCHMARK, 0, Method(), "", basis)
    )


def basket(pack: MarketPack, world: WorldPack) -> tuple[tuple[str, int], ...]:
    """Give the unit in which the wheat of all sellers is priced: one of each of their currencies."""
    scale = {one.currency: one.scale for one in world.members}
    return tuple((code, 10 ** scale[code]) for code in sorted({one.currency for one in pack.sellers}))


def futures(pack: MarketPack, world: WorldPack, found: Goods, scribe: Scribe) -> Iterator[Command]:
    """Give the commands by which the future's months are listed, with their price series."""
    tick = found.future.tick_minor
    reference = price(pack, world, pack.cleared_in, tick)
    for place, code in enumerate(found.codes):
        terms = _future(found.future, code, pack, reference + place * reference // 100 // tick * tick)
        yield from scribe.two(OPERATOR, OPERATORS, "instrument.list", terms)
        yield from scribe.two(OPERATOR, OPERATORS, "price.method", MethodFields(code, 0, Method(), str(tick)))


def _future(contract: Contract, code: str, pack: MarketPack, reference: int) -> ListFields:
    instrument = Instrument(
        code=code, tick=contract.tick_minor, lot=contract.unit // KG, currency=pack.cleared_in, ref_price=reference,
        limit_step=contract.tick_minor,
    )  # fmt: skip
    terms = msgspec.msgpack.encode(contract)
    return ListFields(instrument, contract.code, Way.CLEARED, code, KG, (), 0, terms)


def clearing(pack: MarketPack, world: WorldPack, found: Goods, scribe: Scribe) -> Iterator[Command]:
    """Give the commands by which the clearing house stands, and its members with their margin in it."""
    asset, sponsor = pack.cleared_in, pack.provider.bic
    desk = DeskFields(asset, sponsor, 60_000, 60_000, non_bidders_first=True)
    yield from scribe.two(OPERATOR, OPERATORS, "clearing.desk", desk)
    yield from cleared(pack, world, found, scribe)
    for bic in pack.clearing:
        yield from scribe.two(bic, pair(bic), "clearing.join", JoinFields(asset))
        margin = FAILING_MINOR if bic == pack.failing.bic else MARGIN_MINOR
        maker = pair(bic)[0]
        yield scribe.one(bic, maker, "clearing.collateral.deposit", MoneyFields(asset, margin))
        yield scribe.one(bic, maker, "clearing.fund.contribute", ContributeFields(asset, SHARE_MINOR))
    for minor, purpose in ((LIQUIDITY_MINOR, "clearing-liquidity"), (CAPITAL_MINOR, "clearing-capital")):
        paid = ContributeFields(asset, minor, purpose)
        yield scribe.one(sponsor, pair(sponsor)[0], "clearing.fund.contribute", paid)


def cleared(pack: MarketPack, world: WorldPack, found: Goods, scribe: Scribe) -> Iterator[Command]:
    """Give the commands by which the house clears the months of the future."""
    asset, tick = pack.cleared_in, found.future.tick_minor
    scan = price(pack, world, asset, tick) * SCAN_BP // 10_000 // tick * tick
    for code in found.codes:
        terms = ContractFields(code, found.future.commodity, asset, found.future.unit, tick, scan, scan // 5)
        yield from scribe.two(OPERATOR, OPERATORS, "clearing.contract", terms)


def accounts(pack: MarketPack, world: WorldPack, scribe: Scribe, *, until: int) -> Iterator[Command]:
    """Give the commands by which money lies on trade accounts, and firm quotes stand between the currencies."""
    tonnes = sum(one.tonnes for one in pack.sellers)
    owners = [(one.bic, one.currency, 1) for one in pack.buyers]
    owners += [(one.bic, one.currency, 0) for one in pack.sellers]
    paid = sorted({one.currency for one in pack.sellers})
    owners += [(pack.provider.bic, currency, 2) for currency in paid]
    for bic, currency, times in owners:
        yield scribe.one(bic, trader(bic), "trade_account.open", OpenFields(currency))
        if times:
            minor = times * price(pack, world, currency, 1) * tonnes
            yield scribe.one(bic, trader(bic), "trade_account.deposit", TradeMoney(currency, minor))
    for sell in paid:
        size = 2 * price(pack, world, sell, 1) * tonnes // len(pack.currencies)
        for buy in pack.currencies:
            if buy != sell:
                yield _quote(pack, world, scribe, sell, buy, size, until)


def _quote(
    pack: MarketPack, world: WorldPack, scribe: Scribe, sell: str, buy: str, size: int, until: int
) -> Command:
    """Sell one currency for another at the middle and a margin, in auctions too."""
    scale = {member.currency: member.scale for member in world.members}
    ratio = mid_rate(world, sell, buy) * 10 ** scale[buy] / 10 ** scale[sell] * (10_000 + QUOTE_BP) / 10_000
    num = int(ratio * 10**9)
    fields = QuoteFields(sell, buy, num, 10**9, size, until, True)
    bic = pack.provider.bic
    return scribe.one(bic, f"p-{bic}-1", "firm_quote.put", fields)
