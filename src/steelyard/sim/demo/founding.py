"""How a world pack becomes a running network: the commands of its founding, in order, each by who must give it.

Nothing is done behind the node's back. Members, people, calendars, banks and providers come in by the same
commands as everywhere, sensitive ones proposed by one person and approved by another. The list is a pure
function of the pack and of the instant at which it begins, so it is the same whenever it is made.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from msgspec import Struct

from steelyard.flows.approve import ApproveFields, ProposeFields
from steelyard.flows.calendar import CalendarFields
from steelyard.flows.choose import SettingsFields
from steelyard.flows.command import NO_FIELDS, Command, encode, raw
from steelyard.flows.currency import CapFields, RulesFields
from steelyard.flows.fund import AdviceFields
from steelyard.flows.member import MemberFields
from steelyard.flows.member import MoveFields as MoveMember
from steelyard.flows.onboard import ApplyFields
from steelyard.flows.onboard import MoveFields as MoveParticipant
from steelyard.flows.packs import PackFields
from steelyard.flows.person import KeyFields, PersonFields
from steelyard.flows.pool import PoolFields
from steelyard.flows.rates import RatesFields
from steelyard.flows.sheet import SheetFields
from steelyard.fx.rates import SIMULATION
from steelyard.members.packs import digest_of
from steelyard.members.roles import Role
from steelyard.members.rulebook import content_of
from steelyard.packs import calendars
from steelyard.packs.worlds import MemberPack, WorldPack
from steelyard.sim.prices import OfferedSheet, all_sheets, decimal_text, mid_rate
from steelyard.values.instants import DAY
from steelyard.values.rate import Rounding, from_decimal_text

OPERATOR = "operator"
OPERATORS = ("p-operator-1", "p-operator-2")
MILLISECONDS = 1_000_000
CAP_MINOR = 10**17
ACCEPTS_ANY = -1
REQUOTE_TOLERANCE_BP = 100
LARGE_USD = 1_000_000
"""Payments of more than this, in any currency, may settle in parts; a running network counts its own figure."""
POOL_CAP_MINOR = 10**15
"""The most a bank pays in one batch of the pool, in its own currency: more than any has."""
CALENDAR_DAYS = 450
SHEET_DAYS = 400


class Person(Struct, frozen=True):
    """One person of the world: id, owner and role."""

    id: str
    owner: str
    role: Role


def people(world: WorldPack) -> list[Person]:
    """Give the persons of every settlement agent, bank and provider: two each."""
    found = []
    for member in world.members:
        found += [
            Person(f"p-{member.settlement_agent}-{n}", member.settlement_agent, Role.SETTLEMENT_AGENT)
            for n in (1, 2)
        ]
    for bic in banks(world):
        found += [Person(f"p-{bic}-maker", bic, Role.MAKER), Person(f"p-{bic}-checker", bic, Role.CHECKER)]
    for provider in world.network.provider:
        found += [Person(f"p-{provider.bic}-{n}", provider.bic, Role.FX_PROVIDER) for n in (1, 2)]
    return found


def banks(world: WorldPack) -> list[str]:
    """Give the BIC of every bank that is no provider."""
    return [bank.bic for member in world.members for bank in member.participant]


class Scribe:
    """Writes commands with ids that follow from a seed and the instant they begin at (ns)."""

    def __init__(self, seed: str, begins_at: int) -> None:
        self.seed = seed
        self.at = begins_at
        self.written = 0

    def one(self, sender: str, actor: str, name: str, fields: Any, *, added: Any = None) -> Command:
        """Give one command."""
        self.written += 1
        whole = sha256(f"{self.seed}/{self.written}".encode()).digest()
        id = (self.at // MILLISECONDS).to_bytes(6, "big") + whole[:10]
        body = NO_FIELDS if added is None else raw(added)
        return Command(name, 1, id, sender, actor, 0, raw(fields), body, whole[16:])

    def part(self, place: int) -> bytes:
        """Give the id of a thing that the next command names, by its place there."""
        whole = sha256(f"{self.seed}/{self.written + 1}/{place}".encode()).digest()
        return (self.at // MILLISECONDS).to_bytes(6, "big") + whole[:10]

    def two(self, sender: str, actors: tuple[str, str], name: str, fields: Any) -> Iterator[Command]:
        """Give a command as a proposal of one person and the approval of another."""
        inner = encode(self.one(sender, actors[0], name, fields))
        proposal = self.one(sender, actors[0], "propose", ProposeFields(inner))
        yield proposal
        yield self.one(sender, actors[1], "approve", ApproveFields(proposal.id, sha256(inner).digest()))


def found(world: WorldPack, scribe: Scribe) -> Iterator[Command]:
    """Give every command that makes the network of a world pack, opening money left out."""
    for member in world.members:
        yield from _member(member, scribe)
    for bank in (bank for member in world.members for bank in member.participant):
        yield from _participant(world, scribe, bank.bic, bank.name, provider=False)
    for provider in world.network.provider:
        yield from _participant(world, scribe, provider.bic, provider.name, provider=True)
    yield from _rates(world, scribe)
    yield from _rulebook(world, scribe)
    for sheet in all_sheets(world):
        yield _sheet(world, scribe, sheet)
    yield from _pool(world, scribe)


def advices(
    world: WorldPack, scribe: Scribe, money: dict[tuple[str, str], int], round: str
) -> Iterator[Command]:
    """Give the advices by which settlement agents issue money per (owner, currency), in minor units.

    It stands for what an RTGS connector sends when reserves have been locked at the central bank.
    """
    agent_of = {member.currency: member.settlement_agent for member in world.members}
    for (owner, currency), amount in sorted(money.items()):
        agent = agent_of[currency]
        fields = AdviceFields(currency, owner, amount, f"{round}-{owner}-{currency}")
        yield scribe.one(agent, f"k-{agent}", "fund.advise", fields)


def _operators(scribe: Scribe, name: str, fields: Any) -> Iterator[Command]:
    return scribe.two(OPERATOR, OPERATORS, name, fields)


def _member(member: MemberPack, scribe: Scribe) -> Iterator[Command]:
    agent = member.settlement_agent
    yield from _operators(
        scribe, "member.propose",
        MemberFields(member.code, member.name, member.currency, member.scale, agent, open_to_all=True),
    )  # fmt: skip
    pair = (f"p-{agent}-1", f"p-{agent}-2")
    for person in pair:
        yield from _operators(
            scribe, "person.add", PersonFields(person, agent, (Role.SETTLEMENT_AGENT,), _human(person))
        )
    connector = KeyFields(
        f"k-{agent}",
        agent,
        (Role.SETTLEMENT_AGENT,),
        pair[0],
        credential=sha256(f"RTGS {agent}".encode()).digest(),
    )
    yield from _operators(scribe, "key.register", connector)
    yield from scribe.two(agent, pair, "calendar.amend", _calendar(member.currency, scribe.at))
    yield from _operators(scribe, "member.configure", MoveMember(member.code))
    yield from _operators(scribe, "member.activate", MoveMember(member.code))
    yield from scribe.two(agent, pair, "currency.cap", CapFields(member.currency, CAP_MINOR))
    rules = RulesFields(member.currency, open_to_all=True, fund_on_advice=True, advice_line_minor=-1)
    yield from scribe.two(agent, pair, "currency.rules", rules)


def _calendar(currency: str, at: int) -> CalendarFields:
    calendar = calendars.load(currency)
    first = at // DAY - 2
    rows = tuple(row for row in calendar.rows if first <= row.on < first + CALENDAR_DAYS)
    return CalendarFields(currency, calendar.revision, at, 0, rows, tuple(sorted(calendar.cutoffs.items())))


def _participant(
    world: WorldPack, scribe: Scribe, bic: str, name: str, *, provider: bool
) -> Iterator[Command]:
    member = next(member for member in world.members if member.code == bic[4:6])
    currencies = tuple(item.currency for item in world.members)
    if provider:
        currencies = next(item.currencies for item in world.network.provider if item.bic == bic)
    yield from _operators(
        scribe, "participant.apply", ApplyFields(bic, member.code, name, "", provider, currencies, provider)
    )
    mine = [person for person in people(world) if person.owner == bic]
    for person in mine:
        yield from _operators(
            scribe, "person.add", PersonFields(person.id, bic, (person.role,), _human(person.id))
        )
    yield from _operators(scribe, "participant.admit", MoveParticipant(bic))
    yield from _operators(scribe, "participant.let_in", MoveParticipant(bic))
    if not provider:
        accepts = tuple((currency, ACCEPTS_ANY) for currency in sorted(currencies))
        settings = SettingsFields(
            accepts_minor=accepts, best_quote=True, requote_tolerance_bp=REQUOTE_TOLERANCE_BP
        )
        yield scribe.one(bic, mine[0].id, "participant.choose", settings)


def _rulebook(world: WorldPack, scribe: Scribe) -> Iterator[Command]:
    """Say which payments are large, since a first day has no days before it to count that from."""
    above = {
        member.currency: int(LARGE_USD * world.usd_rates[member.currency] * 10**member.scale)
        for member in world.members
    }
    content = content_of({"version": "demo", "liquidity": {"split_above_minor": above}})
    fields = PackFields("rulebook", "rulebook", "demo", digest_of(content), content)
    yield from _operators(scribe, "pack.load", fields)


def _rates(world: WorldPack, scribe: Scribe) -> Iterator[Command]:
    currencies = sorted(member.currency for member in world.members)
    scale = {member.currency: member.scale for member in world.members}
    rows = []
    for base in currencies:
        for quote in currencies:
            if base < quote:
                text = decimal_text(mid_rate(world, base, quote))
                rate = from_decimal_text(base, quote, text, base_scale=scale[base], quote_scale=scale[quote])
                assert rate is not None, text
                rows.append((base, quote, rate.num, rate.den, SIMULATION))
    fields = RatesFields("demo-snapshot", scribe.at, tuple(rows))
    yield from _operators(scribe, "rates.put", fields)


def _pool(world: WorldPack, scribe: Scribe) -> Iterator[Command]:
    """Opt banks in to the value pool, each by two of its people, with every currency that is in it."""
    currencies = tuple(sorted(item.currency for item in world.members))
    for member in world.members:
        for bank in member.participant:
            fields = PoolFields(currencies, member.currency, POOL_CAP_MINOR)
            pair = (f"p-{bank.bic}-maker", f"p-{bank.bic}-checker")
            yield from scribe.two(bank.bic, pair, "pool.choose", fields)


def _sheet(world: WorldPack, scribe: Scribe, sheet: OfferedSheet) -> Command:
    scale = {member.currency: member.scale for member in world.members}
    tiers = []
    for tier in sheet.tiers:
        rate = from_decimal_text(
            sheet.source,
            sheet.target,
            tier.rate,
            base_scale=scale[sheet.source],
            quote_scale=scale[sheet.target],
        )
        assert rate is not None, tier
        tiers.append((tier.from_source_minor, rate.num, rate.den))
    fields = SheetFields(
        sheet.source, sheet.target, tuple(tiers), 1, 10**17, scribe.at, scribe.at + SHEET_DAYS * DAY,
        rounding=Rounding.DOWN,
    )  # fmt: skip
    return scribe.one(sheet.provider, f"p-{sheet.provider}-1", "sheet.put", fields)


def _human(person: str) -> bytes:
    """Give the digest that stands for who a person is; of invented people it is made from their id."""
    return sha256(f"demo/{person}".encode()).digest()[:16]


__all__ = ["OPERATOR", "OPERATORS", "Person", "Scribe", "advices", "banks", "found", "people"]
