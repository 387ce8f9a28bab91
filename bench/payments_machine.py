"""Payments through the Machine alone, in memory, on one core: no journal, no network, no projection.

Ten invented members, two banks each, six FX providers of whom each quotes half of all pairs; every creditor
agent has standing acceptance unless the lane says otherwise. Commands are made before the clock starts.
`python -m bench.payments_machine` prints the rows, `--json` gives them as JSON.
"""

import gc
import random
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from hashlib import sha256
from statistics import median
from typing import Any

from bench.figures import Figure, main
from steelyard.engine.accounts import AccountKind
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.flows.answer import AnswerFields
from steelyard.flows.command import NO_FIELDS, Command, raw
from steelyard.flows.facts import QuoteGiven, decode_fact
from steelyard.flows.fields import PayAdded, PayFields
from steelyard.flows.machine import Machine
from steelyard.flows.quote import AskFields
from steelyard.flows.sheet import SheetFields
from steelyard.flows.world import World
from steelyard.fx.board import Board
from steelyard.fx.rank import Request, best
from steelyard.fx.sheets import Sheet, Tier
from steelyard.members.accounts import FX, ISSUER, SETTLEMENT
from steelyard.members.members import Member, MemberState
from steelyard.members.participants import Participant, ParticipantState, Settings
from steelyard.members.people import KEY, Actor
from steelyard.members.roles import Role
from steelyard.payments.state import Payments
from steelyard.values.asset import AssetClass
from steelyard.values.calendars import Calendar
from steelyard.values.instants import DAY, HOUR

AT = 20_000 * DAY + 8 * HOUR
ASSETS = tuple(f"M{letter}A" for letter in "ABCDEFGHIJ")
BANKS = tuple((f"BANK{asset}{n}", asset) for asset in ASSETS for n in "01")
PROVIDERS = tuple(f"PROV{asset}0" for asset in ASSETS[:6])
COUNT, ROUNDS = 4_000, 5


def network(*, accepts: bool = True, best_quote: bool = False) -> Machine:
    """Give a Machine whose banks and providers have more money than the lanes move."""
    machine = Machine()
    world = machine.world
    for asset in ASSETS:
        agent = f"STAG{asset}0"
        world.engine.open_asset(asset, AssetClass.CURRENCY, scale=2, issuer=agent)
        world.members.put_member(Member(asset, asset, asset, 2, agent, state=MemberState.ACTIVE))
        _account(world, ISSUER, agent, asset, AccountKind.ISSUER, "/issuer")
        world.calendars.put(Calendar(asset, (), always_open=True, revision=1))
    settings = Settings(accepts_minor=dict.fromkeys(ASSETS, -1) if accepts else {}, best_quote=best_quote)
    for bic, home in (*BANKS, *((provider, provider[4:7]) for provider in PROVIDERS)):
        provides = bic in PROVIDERS
        world.members.put_participant(
            Participant(bic, home, bic, provider=provides, settings=settings, state=ParticipantState.ACTIVE)
        )
        world.members.put_actor(Actor(f"k-{bic}", bic, KEY, (Role.MAKER, Role.FX_PROVIDER)))
        for asset in ASSETS:
            kind = AccountKind.FX if provides else AccountKind.SETTLEMENT
            _account(
                world, FX if provides else SETTLEMENT, bic, asset, kind, "/fx" if provides else "", 10**17
            )
    for n, provider in enumerate(PROVIDERS):
        for k, (sell, buy) in enumerate((a, b) for a in ASSETS for b in ASSETS if a != b):
            if (k + n) % 2:
                rate = _middle(sell, buy) * (
                    10_000 - 12 - 5 * n
                )  # 12 to 37 basis points, as in the demonstration
                fields = SheetFields(
                    sell, buy, ((0, rate, 10**8), (10**7, rate + 2, 10**8)), 1, 10**17, 0, AT + DAY
                )
                assert machine.apply(command("sheet.put", fields, provider), at=tick()).outcome.code == 0
    world.engine.take_records()
    return machine


def _middle(sell: str, buy: str) -> int:
    """Give a pair's middle rate in units of 10^-4; all pairs agree, so that no way round the world gains."""
    worth = [10_000 + 1_700 * n for n in range(len(ASSETS))]
    return worth[ASSETS.index(sell)] * 10_000 // worth[ASSETS.index(buy)]


def _account(
    world: World, purpose: str, owner: str, asset: str, kind: AccountKind, suffix: str, funded: int = 0
) -> None:
    made = world.engine.open_account(f"{owner}/{asset}{suffix}", owner, world.engine.asset_nos[asset], kind)
    assert isinstance(made, int)
    world.members.accounts.put(purpose, owner, asset, made)
    if funded:
        issuer = world.members.issuer_account(asset)
        assert issuer is not None
        bundle = Bundle((AT // 10**6) << 80 | made, Kind.ISSUE, (Leg(issuer, made, funded),))
        owner_no = world.engine.owner_nos[f"STAG{asset}0"]
        assert world.engine.move(bundle, at=AT, authority=(owner_no,)).refusal is None


class Clock:
    """Sequencer time: a microsecond later at every call."""

    now = AT
    serial = 0


def tick() -> int:
    """Give the next instant."""
    Clock.now += 1_000
    return Clock.now


def command(name: str, fields: Any, sender: str, added: Any = None) -> Command:
    """Make a command as it comes from a gateway."""
    Clock.serial += 1
    seed = sha256(Clock.serial.to_bytes(8, "big")).digest()
    command_id = (Clock.now // 10**6).to_bytes(6, "big") + seed[:10]
    made = Command(name, 1, command_id, sender, f"k-{sender}", 0, raw(fields), NO_FIELDS, seed[16:])
    return made if added is None else _with(made, added)


def _with(made: Command, added: Any) -> Command:
    return Command(
        made.name, made.version, made.id, made.sender, made.actor, 0, made.fields, raw(added), made.nonce
    )


def payment(rng: random.Random, *, exchange: bool, quote_id: bytes = b"", pair: Any = None) -> Command:
    """Make one payment between two banks; in two currencies with the message's own rate."""
    (payer, source), (payee, target) = pair or pick(rng)
    Clock.serial += 1
    seed = sha256(b"uetr%d" % Clock.serial).digest()
    minor = rng.randrange(1_000, 900_000)
    fields = PayFields(
        seed[:16], 0, 0, seed[8:24], seed[9:25], seed[10:26], seed[11:27], 1, payer, payee, source,
        0 if quote_id else minor, target if exchange else source,
        0 if quote_id or exchange else minor, _middle(source, target) * 99 if exchange and not quote_id else 0,
        10**6, quote_id=quote_id,
    )  # fmt: skip
    return command("pay", fields, payer, PayAdded(seed, seed, "NO", "SE", 1023))


def pick(rng: random.Random) -> tuple[tuple[str, str], tuple[str, str]]:
    """Draw two banks of different members."""
    while True:
        one, other = rng.choice(BANKS), rng.choice(BANKS)
        if one[1] != other[1]:
            return one, other


def drive(machine: Machine, commands: list[Command], state: int) -> float:
    """Apply commands and give microseconds per command; each must have brought its payment to `state`."""
    apply, at = machine.apply, Clock.now
    start = time.perf_counter()
    applied = [apply(one, at=(at := at + 1_000)) for one in commands]
    spent = time.perf_counter() - start
    Clock.now = at
    for one in applied:
        assert one.outcome.code == 0, one.outcome
        last = decode_fact(one.outcome.facts[0])
        assert getattr(last, "state", state) == state, last
    return spent * 1e6 / len(commands)


def lane(make: Callable[[Machine, random.Random], list[Command]], state: int, **more: bool) -> float:
    """Give the median microseconds per payment over rounds, each with fresh commands."""
    machine, rng, spent = network(**more), random.Random(7), []
    for _ in range(ROUNDS):
        commands = make(machine, rng)
        gc.collect()
        spent.append(drive(machine, commands, state))
    return median(spent)


def quoted(machine: Machine, rng: random.Random) -> list[Command]:
    """Ask for quotes and make a payment of each."""
    made = []
    for _ in range(COUNT // 4):
        pair = pick(rng)
        fields = AskFields(pair[0][1], pair[1][1], True, rng.randrange(1_000, 900_000))
        outcome = machine.apply(command("quote.ask", fields, pair[0][0]), at=tick()).outcome
        given = decode_fact(outcome.facts[0])
        assert isinstance(given, QuoteGiven)
        made.append(payment(rng, exchange=True, quote_id=given.quote_id, pair=pair))
    return made


def asking() -> float:
    """Give microseconds per answered request for quotes, as a median."""
    machine, rng, spent = network(), random.Random(8), []
    for _ in range(ROUNDS):
        commands = []
        for _ in range(COUNT // 8):
            pair = pick(rng)
            commands.append(command("quote.ask", AskFields(pair[0][1], pair[1][1], True, 50_000), pair[0][0]))
        spent.append(drive(machine, commands, 0))
        for quote_id in list(machine.world.fx.quotes):
            machine.world.fx.quotes.pop(quote_id)
        machine.world.fx.claims.__init__()  # type: ignore[misc]
        machine.world.fx._by_provider.clear()
        machine.world.fx._asked.clear()
    return median(spent)


def offered() -> float:
    """Give microseconds per payment that is reserved, offered and accepted: two commands."""
    machine, rng, spent = network(accepts=False, best_quote=True), random.Random(9), []
    for _ in range(ROUNDS):
        payments = [payment(rng, exchange=True) for _ in range(COUNT // 4)]
        there = drive(machine, payments, 4)
        answers = []
        for one in payments:
            fields = PayFields(*_decode(one))
            answers.append(
                command("offer.answer", AnswerFields(fields.uetr, "accept"), fields.creditor_agent)
            )
        spent.append(there + drive(machine, answers, 9))
    return median(spent)


def _decode(one: Command) -> tuple[Any, ...]:
    import msgspec

    return msgspec.structs.astuple(msgspec.msgpack.decode(one.fields, type=PayFields))


def ranking() -> float:
    """Give microseconds to rank 50 sheets of one pair and take the best ten."""
    board = Board()
    for n in range(50):
        tiers = (Tier(0, 10_000 + n % 7, 10_000), Tier(10**6, 10_010 + n % 7, 10_000))
        board.put(Sheet(f"P{n}", "AAA", "BBB", tiers, 1, 10**15, 0, AT + DAY, entered=n))
    request = Request("AAA", "BBB", True, 500_000, 500_000, 0, 0)
    spent = []
    for _ in range(50):
        start = time.perf_counter()
        best(request, board, lambda sheet: 10**15, at=AT, path_bp=5)
        spent.append((time.perf_counter() - start) * 1e6)
    return median(spent)


def deadlines() -> tuple[float, float]:
    """Give milliseconds of a look at 100,000 live deadlines with none due, and of a tick with 2,000 due."""
    machine, rng = network(), random.Random(10)
    timers = machine.world.timers
    for n in range(100_000):
        timers.set(AT + 40 * DAY + n, 3, n.to_bytes(16, "big"))  # type: ignore[arg-type]
    start = time.perf_counter()
    for _ in range(1_000):
        machine.next_due()
    none = (time.perf_counter() - start) * 1e3 / 1_000
    poor = (BANKS[0][0], ASSETS[0])
    minor = 10**16
    for n in range(2_000):
        seed = sha256(b"poor%d" % n).digest()
        fields = PayFields(
            seed[:16],
            0,
            1,
            b"",
            b"",
            b"",
            seed[:16],
            1,
            poor[0],
            BANKS[3][0],
            poor[1],
            minor * 90,
            poor[1],
            minor * 90,
        )
        machine.apply(command("pay", fields, poor[0], PayAdded(seed, seed)), at=tick())
    del rng
    at = Clock.now = Clock.now + 6 * 10**9
    own = Command(
        "tick",
        1,
        (at // 10**6).to_bytes(6, "big") + b"t" * 10,
        "operator",
        "node",
        0,
        NO_FIELDS,
        NO_FIELDS,
        b"",
    )
    start = time.perf_counter()
    outcome = machine.apply(own, at=at).outcome
    full = (time.perf_counter() - start) * 1e3
    assert len(outcome.facts) == 2_000
    return none, full


def memory() -> tuple[float, float]:
    """Give bytes per finished payment over one whole segment of the memory, and per live one."""
    gc.collect()
    tracemalloc.start()
    payments = Payments()
    count = payments.memory.segment_max
    for n in range(count):
        key = sha256(n.to_bytes(8, "big")).digest()
        uetr = key[:16]
        payments.remember(
            uetr, content=key[1:17], message_content=key[2:18], state=9, kind=0, service=0, refusal=0,
            debtor_agent=BANKS[n % 20][0], creditor_agent=BANKS[n % 19][0], source=ASSETS[n % 10],
            target=ASSETS[n % 9], source_minor=10**9 + n, target_minor=10**10 + n, settlement_on=20_000, at=AT + n,
        )  # fmt: skip
        payments.memory.put_message(n % 20, key[3:19], uetr)
        payments.memory.put_instruction(n % 20, key[4:20], at=AT)
    finished = tracemalloc.get_traced_memory()[0] / count
    tracemalloc.stop()
    del payments
    machine, rng = network(accepts=False, best_quote=True), random.Random(11)
    commands = [payment(rng, exchange=True) for _ in range(2_000)]
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for one in commands:
        machine.apply(one, at=tick())
        machine.world.engine.take_records()
    live = (tracemalloc.get_traced_memory()[0] - before) / len(commands)
    tracemalloc.stop()
    return finished, live


def rows() -> Iterator[Figure]:
    """Measure every lane."""
    plain = lane(lambda machine, rng: [payment(rng, exchange=False) for _ in range(COUNT)], 9)
    yield Figure(
        "one currency, standing acceptance", 1e6 / plain, "payments/s", 5_000, note=f"{plain:.0f} us"
    )
    bests = lane(lambda machine, rng: [payment(rng, exchange=True) for _ in range(COUNT)], 9, best_quote=True)
    yield Figure(
        "two currencies, best quote taken by the node", 1e6 / bests, "payments/s", note=f"{bests:.0f} us"
    )
    by_id = lane(quoted, 9)
    yield Figure(
        "two currencies by quote id", by_id, "us/payment", 90, at_most=True, note=f"{1e6 / by_id:.0f}/s"
    )
    asked = asking()
    yield Figure(
        "a request for quotes, three sheets of the pair", asked, "us/request", note=f"{1e6 / asked:.0f}/s"
    )
    both = offered()
    yield Figure(
        "two currencies, reserved, offered, accepted", 1e6 / both, "payments/s", 1_000, note=f"{both:.0f} us"
    )
    yield Figure("quote ranking, 50 sheets", ranking(), "us", 200, at_most=True)
    none, full = deadlines()
    yield Figure("100,000 live deadlines, none due", none, "ms", 1, at_most=True)
    yield Figure("tick with 2,000 payments due", full, "ms", 100, at_most=True)
    finished, live = memory()
    yield Figure("memory of a finished payment, all keys", finished, "bytes", 400, at_most=True)
    yield Figure("memory of a live payment, reserved and offered", live, "bytes", 3_000, at_most=True)


if __name__ == "__main__":
    sys.exit(main(rows))
