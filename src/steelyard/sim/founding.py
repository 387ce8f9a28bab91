"""How the world of a simulated day is founded: the commands, in order, that a real network would need as well.

Every member with its settlement agent and currency, every bank with one person who makes its payments, an account
in every currency, and the money it begins with, issued on its settlement agent's advice. Nothing is put into the
state but by commands, so a node that replays the journal comes to the same world.
"""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any, Literal

import numpy as np

from steelyard.flows.calendar import CalendarFields
from steelyard.flows.choose import SettingsFields
from steelyard.flows.command import Command
from steelyard.flows.currency import CapFields, RulesFields
from steelyard.flows.fund import AdviceFields
from steelyard.flows.genesis import GenesisFields, GenesisPerson
from steelyard.flows.member import MemberFields
from steelyard.flows.member import MoveFields as MoveMember
from steelyard.flows.onboard import ApplyFields
from steelyard.flows.onboard import MoveFields as MoveParticipant
from steelyard.flows.packs import PackFields
from steelyard.flows.person import KeyFields, PersonFields
from steelyard.flows.pool import PoolFields
from steelyard.flows.rates import RatesFields
from steelyard.fx.rates import SIMULATION
from steelyard.members.packs import digest_of
from steelyard.members.roles import Role
from steelyard.members.rulebook import content_of
from steelyard.sim.demo.founding import OPERATOR, OPERATORS, Scribe
from steelyard.sim.mechanisms import Mechanism
from steelyard.sim.scenario import ScenarioIsWrong
from steelyard.sim.synthetic import Day
from steelyard.sim.writing import bic

CAP_MINOR = 10**17
MOST_MINOR = 10**18 - 1
DAY_MS = 86_400_000
SCALE = 2
ANY = -1
BANKS_MOST = 999
LONGEST_S = 22 * 3600
MODES: dict[str, Literal["fifo", "bypass", "guarded"]] = {
    "fifo": "fifo",
    "bypass": "bypass",
    "guarded": "guarded",
}


def check(day: Day, mechanism: Mechanism) -> None:
    """Raise ScenarioIsWrong where a day or a mechanism is not one that the machine itself runs."""
    if day.close_s > LONGEST_S:
        raise ScenarioIsWrong(
            f"--machine: a day of at most {LONGEST_S // 3600} hours, so that it ends on its date"
        )
    if len(day.banks) > BANKS_MOST:
        raise ScenarioIsWrong(
            f"--machine: at most {BANKS_MOST} banks, which is as many as there are invented BICs"
        )
    if mechanism.entry == "cycle" and (mechanism.pool or mechanism.fx):
        raise ScenarioIsWrong(
            "--machine: a netting cycle neither pools nor exchanges currencies: whoever did not pay in would change"
            " what the others owe"
        )
    if mechanism.entry == "cycle" and (mechanism.bilateral or mechanism.multilateral):
        raise ScenarioIsWrong("--machine: a cycle takes all that waits together and leaves nothing to offset")
    if mechanism.entry == "rtgs" and mechanism.pool:
        raise ScenarioIsWrong("--machine: a pool settles in batches, and entry rtgs has none")
    if mechanism.entry in ("cycle", "rtgs"):
        return
    if not mechanism.bilateral:
        raise ScenarioIsWrong(
            "--machine: entry fifo, bypass and guarded need bilateral = true: the machine offsets pairs whenever a"
            " payment queues"
        )
    if mechanism.batched and not mechanism.batch_gap_s:
        raise ScenarioIsWrong("--machine: batch_gap_s above 0; a node's batches come by what happens as well")
    if mechanism.pool and not mechanism.split:
        raise ScenarioIsWrong("--machine: a pool is the solver's, so it needs split = none, top1 or all")


def opens_s(day: Day) -> int:
    """Give when the day opens in the machine, in seconds after midnight: earlier where it would pass the next one."""
    return min(day.opens_s, LONGEST_S + 3600 - day.close_s)


def network(day: Day) -> Day:
    """Give a day as the machine can found it: a member to issue each currency, and each bank in one of them.

    A drawn day is so already. In a day from a file a bank belongs to the currency in which it pays most (of equal ones
    to the first), or is paid, where it pays nothing.
    """
    if sorted(day.homes) == list(day.currencies):
        return day
    width = len(day.currencies)
    out, paid = np.zeros((2, len(day.banks), width), dtype=np.int64)
    np.add.at(out, (day.payer, day.currency), day.amount_minor)
    np.add.at(paid, (day.payee, day.currency), day.amount_minor)
    home = np.where(out.any(axis=1), out.argmax(axis=1), paid.argmax(axis=1))
    names = tuple(f"{day.currencies[place]}{number}" for number, place in enumerate(home.tolist(), 1))
    return replace(day, banks=names, bank_member=home, members=day.currencies, homes=day.currencies)


def bank_bic(day: Day, bank: int) -> str:
    """Give the BIC by which a bank of a day is known in the network."""
    return bic(day.banks[bank], day.members[int(day.bank_member[bank])])


def genesis(scribe: Scribe) -> Command:
    """Give row 1."""
    persons = tuple(
        GenesisPerson(name, credential=sha256(f"simulated {name}".encode()).digest()) for name in OPERATORS
    )
    fields = GenesisFields("simulation", "SIM", "SIMUXX00", "simulation", "simulated", persons, (), b"")
    return scribe.one(OPERATOR, "node", "genesis", fields)


def found(day: Day, mechanism: Mechanism, own: list[int], scribe: Scribe) -> Iterator[Command]:
    """Give every command after row 1; `own` is the opening money per (bank, currency), banks outermost."""
    yield from _rulebook(day, mechanism, scribe)
    for member, currency in zip(day.members, day.homes, strict=True):
        yield from _member(member, currency, mechanism, scribe)
    for bank in range(len(day.banks)):
        yield from _bank(day, bank, mechanism, scribe)
    if mechanism.pool or mechanism.fx:
        yield from _rates(day, scribe)
    if mechanism.pool:
        yield from _pool(day, scribe)
    width = len(day.currencies)
    agents = {code: agent_bic(member) for member, code in zip(day.members, day.homes, strict=True)}
    for place, minor in enumerate(own):
        if minor:
            code, name = day.currencies[place % width], bank_bic(day, place // width)
            fields = AdviceFields(code, name, minor, f"open-{place}")
            yield scribe.one(agents[code], f"k-{agents[code]}", "fund.advise", fields)


def agent_bic(member: str) -> str:
    """Give the BIC of a member's settlement agent; currencies of one country have one each."""
    return f"STAG{bic(f'{member}0', member)[4:6]}{member[2]}X"


def _operators(scribe: Scribe, name: str, fields: Any) -> Iterator[Command]:
    return scribe.two(OPERATOR, OPERATORS, name, fields)


def _rulebook(day: Day, mechanism: Mechanism, scribe: Scribe) -> Iterator[Command]:
    """Let batches come as the mechanism says; where it wants none, none that is asked for is answered.

    Where no solver is wanted the first word of a batch without an answer is the machine's own set. The gap is a
    millisecond short, so that what happens in one second of the day has its batch in the second that ends the gap.
    """
    batches = mechanism.batched
    every = mechanism.batch_minutes * 60_000 if batches else DAY_MS
    above = {
        code: day.top_minor(number)
        if mechanism.split == "top1"
        else 0
        if mechanism.split == "all"
        else MOST_MINOR
        for number, code in enumerate(day.currencies)
    }
    liquidity = {
        "batch_every_ms": every, "batch_gap_ms": mechanism.batch_gap_s * 1000 - 1 if batches else DAY_MS,
        "batch_answer_ms": 1000 if batches else DAY_MS, "batch_age_ms": DAY_MS,
        "batch_tries": 1 if mechanism.split else 0, "split_above_minor": above,
        "cycle_answer_ms": 1, "cycle_replan_ms": 1, "cycle_notice_ms": 1, "cycle_funding_ms": 500,
        "cycle_steps_bp": (10_000,), "fx_batch_every_ms": 0,
    }  # fmt: skip
    content = content_of({"version": "simulated", "liquidity": liquidity})
    fields = PackFields("rulebook", "rulebook", "simulated", digest_of(content), content)
    yield from _operators(scribe, "pack.load", fields)


def _member(member: str, currency: str, mechanism: Mechanism, scribe: Scribe) -> Iterator[Command]:
    agent = agent_bic(member)
    yield from _operators(
        scribe, "member.propose", MemberFields(member, member, currency, SCALE, agent, open_to_all=True)
    )
    pair = (f"p-{agent}-1", f"p-{agent}-2")
    for person in pair:
        yield from _operators(scribe, "person.add", _person(person, agent, Role.SETTLEMENT_AGENT))
    key = KeyFields(f"k-{agent}", agent, (Role.SETTLEMENT_AGENT,), pair[0], credential=_secret(agent))
    yield from _operators(scribe, "key.register", key)
    calendar = CalendarFields(currency, 1, scribe.at, 0, (), (), always_open=True)
    yield from scribe.two(agent, pair, "calendar.amend", calendar)
    yield from _operators(scribe, "member.configure", MoveMember(member))
    yield from _operators(scribe, "member.activate", MoveMember(member))
    yield from scribe.two(agent, pair, "currency.cap", CapFields(currency, CAP_MINOR))
    rules = RulesFields(
        currency,
        open_to_all=True,
        fund_on_advice=True,
        advice_line_minor=-1,
        queue_mode=MODES.get(mechanism.entry, "bypass"),
    )
    yield from scribe.two(agent, pair, "currency.rules", rules)


def _bank(day: Day, bank: int, mechanism: Mechanism, scribe: Scribe) -> Iterator[Command]:
    name, member = bank_bic(day, bank), day.members[int(day.bank_member[bank])]
    applied = ApplyFields(name, member, day.banks[bank], "", False, day.currencies)
    yield from _operators(scribe, "participant.apply", applied)
    yield from _operators(scribe, "person.add", _person(maker(name), name, Role.MAKER))
    yield from _operators(scribe, "person.add", _person(checker(name), name, Role.CHECKER))
    yield from _operators(scribe, "participant.admit", MoveParticipant(name))
    yield from _operators(scribe, "participant.let_in", MoveParticipant(name))
    accepts = tuple((code, ANY) for code in day.currencies)
    settings = SettingsFields(accepts_minor=accepts)
    if mechanism.entry == "cycle":
        settings = SettingsFields(accepts_minor=accepts, by_cycle=day.currencies, pays_in=False)
    yield scribe.one(name, maker(name), "participant.choose", settings)


def _rates(day: Day, scribe: Scribe) -> Iterator[Command]:
    """Let every currency be worth the same: amounts are in units of account."""
    rows = tuple((code, day.currencies[0], 1, 1, SIMULATION) for code in day.currencies[1:])
    yield from _operators(scribe, "rates.put", RatesFields("simulated", scribe.at, rows))


def _pool(day: Day, scribe: Scribe) -> Iterator[Command]:
    """Let every bank take part in pool batches, in all currencies."""
    for bank in range(len(day.banks)):
        name, home = bank_bic(day, bank), day.homes[int(day.bank_member[bank])]
        choice = PoolFields(day.currencies, home, CAP_MINOR)
        yield from scribe.two(name, (maker(name), checker(name)), "pool.choose", choice)


def spread(day: Day, own: list[int]) -> list[int]:
    """Give the money of banks as money of their home currency, per (bank, currency)."""
    width = len(day.currencies)
    found = [0] * (len(day.banks) * width)
    for bank, minor in enumerate(own):
        home = day.homes[int(day.bank_member[bank])]
        found[bank * width + day.currencies.index(home)] = minor
    return found


def checker(name: str) -> str:
    """Give the id of the second person of a bank."""
    return f"p-{name}-checker"


def maker(name: str) -> str:
    """Give the id of the person who makes a bank's payments."""
    return f"p-{name}-maker"


def _person(id: str, owner: str, role: Role) -> PersonFields:
    return PersonFields(id, owner, (role,), _secret(id)[:16])


def _secret(name: str) -> bytes:
    """Give the digest that stands for who or what an invented actor is."""
    return sha256(f"simulated {name}".encode()).digest()
