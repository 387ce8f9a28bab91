"""A network for tests, begun by row 1 and grown by commands alone: three invented members NOR, SUD and OST.

Every settlement agent has two persons and a system key, every bank a maker, a checker and a key. Actors are
named by a short word: "anna/maker" is the person p-anna-maker of the bank ANNANOR0.
"""

from hashlib import sha256
from typing import Any

from steelyard.engine.invariants import first_broken
from steelyard.flows.approve import ApproveFields, ProposeFields
from steelyard.flows.calendar import CalendarFields
from steelyard.flows.command import NO_FIELDS, Code, Command, Outcome, encode, raw
from steelyard.flows.currency import CapFields
from steelyard.flows.facts import decode_fact
from steelyard.flows.genesis import GenesisFields, GenesisPerson
from steelyard.flows.machine import Applied, Machine
from steelyard.flows.member import MemberFields, MoveFields
from steelyard.flows.onboard import ApplyFields
from steelyard.flows.onboard import MoveFields as BankFields
from steelyard.flows.person import KeyFields, PersonFields
from steelyard.flows.world import World
from steelyard.members.roles import Role
from steelyard.node.sweeps import first_fault
from steelyard.values.calendars import CalendarRow
from steelyard.values.instants import DAY, HOUR, day_of, weekday
from steelyard.values.refusal import Refusal

MONDAY = day_of(2031, 3, 3)
START = MONDAY * DAY + 8 * HOUR
OPEN, CLOSE = 5 * HOUR, 13 * HOUR
MEMBERS = {"NOR": "STAGNOR0", "SUD": "STAGSUD0", "OST": "STAGOST0"}
BANKS = {"anna": "ANNANOR0", "bram": "BRAMSUD0", "cleo": "CLEOOST0"}
OPS = ("p-op-1", "p-op-2")
S = 1_000_000_000


def rows(
    days: int = 60, *, weekend: tuple[int, ...] = (5, 6), first: int = MONDAY
) -> tuple[CalendarRow, ...]:
    """Give working days from 05:00 to 13:00 UTC, dates from midnight."""
    return tuple(
        CalendarRow(
            on, on * DAY, weekday(on) not in weekend,
            () if weekday(on) in weekend else ((on * DAY + OPEN, on * DAY + CLOSE),),
        )
        for on in range(first, first + days)
    )  # fmt: skip


class Net:
    """A Machine and the people who drive it. `at` is the time of the next command."""

    def __init__(self, world: World | None = None) -> None:
        self.machine = Machine(world)
        self.at = START
        self.number = 0
        self.applied: list[tuple[Command, Applied]] = []
        self.times: list[int] = []

    @property
    def world(self) -> World:
        return self.machine.world

    def actor(self, word: str) -> str:
        """Give the id of an actor: an id as it is, else "bank/maker" and the like."""
        return word if word[:2] in ("p-", "k-") or word == "node" else "p-" + word.replace("/", "-")

    def command(self, name: str, fields: Any, actor: str, *, sender: str = "") -> Command:
        self.number += 1
        seed = sha256(b"net%d" % self.number).digest()
        id = (self.at // 1_000_000).to_bytes(6, "big") + seed[:10]
        found = self.world.members.actors.get(actor)
        owner = sender or (found.owner if found is not None else "operator")
        content = NO_FIELDS if fields is None else raw(fields)
        return Command(name, 1, id, owner, actor, 0, content, NO_FIELDS, b"n" * 16)

    def apply(self, command: Command) -> Outcome:
        applied = self.machine.apply(command, at=self.at)
        self.times.append(self.at)
        self.at += 1_000
        self.applied.append((command, applied))
        return applied.outcome

    def do(self, actor: str, name: str, fields: Any = None, *, sender: str = "") -> Outcome:
        """Let one actor give a command."""
        return self.apply(self.command(name, fields, self.actor(actor), sender=sender))

    def propose(self, maker: str, name: str, fields: Any) -> tuple[bytes, bytes, Outcome]:
        """Let a maker propose a command: the proposal's id, what is shown, the outcome."""
        maker = self.actor(maker)
        inner = encode(self.command(name, fields, maker))
        outer = self.command("propose", ProposeFields(inner), maker)
        return outer.id, sha256(inner).digest(), self.apply(outer)

    def two(self, maker: str, checker: str, name: str, fields: Any) -> Outcome:
        """Let two people give a command; the outcome is that of the approval, or of a proposal refused."""
        id, shown, outcome = self.propose(maker, name, fields)
        if outcome.code == Code.REFUSED:
            return outcome
        return self.do(checker, "approve", ApproveFields(id, shown))

    def ops(self, name: str, fields: Any) -> Outcome:
        """Let the two operators give a command."""
        return self.two(*OPS, name, fields)

    def agent(self, asset: str, name: str, fields: Any) -> Outcome:
        """Let the two persons of a settlement agent give a command."""
        code = asset.lower()
        return self.two(f"{code}/1", f"{code}/2", name, fields)

    def tick(self) -> list[Outcome]:
        """Give ticks until nothing is due."""
        made = []
        while (due := self.machine.next_due()) is not None and due <= self.at:
            made.append(self.do("node", "tick", ()))
        return made

    def wait(self, ns: int) -> list[Outcome]:
        """Let time pass, tick by tick through every deadline on the way."""
        until, made = self.at + ns, []
        while (due := self.machine.next_due()) is not None and due <= until:
            self.at = max(self.at, due)
            made += self.tick()
        self.at = max(self.at, until)
        return made

    def wait_until(self, at: int) -> list[Outcome]:
        return self.wait(at - self.at)

    def balance(self, owner: str, asset: str, purpose: str = "settlement") -> int:
        number = self.world.members.accounts.get(purpose, owner, asset)
        assert number is not None
        return self.world.engine.balance(number).balance

    def available(self, owner: str, asset: str) -> int:
        number = self.world.members.settlement_account(owner, asset)
        assert number is not None
        return self.world.engine.balance(number).available

    def check(self) -> None:
        """Hold the engine's invariants, and that state, bytes and state are the same again."""
        assert first_broken(self.world.engine) is None, first_broken(self.world.engine)
        assert first_fault(self.world) is None, first_fault(self.world)
        again = World.decode(dict(self.world.sections()))
        assert again.state_hash() == self.world.state_hash()


def genesis(net: Net, **changes: Any) -> Outcome:
    """Give row 1 with two operators."""
    values: dict[str, Any] = {
        "network_id": "test-net", "node_prefix": "TEST", "hub_bic": "HUBSNOR0", "log_id": "log", "clock": "system",
        "persons": tuple(GenesisPerson(id) for id in OPS), "rules": (), "digest": b"g" * 32,
    } | changes  # fmt: skip
    return net.do("node", "genesis", GenesisFields(**values))


def add_member(net: Net, asset: str, agent: str, *, cap: int = 10**15, open_to_all: bool = True) -> None:
    """Take a member from nothing to ACTIVE, with its people and calendar."""
    code = asset.lower()
    done(net.ops("member.propose", MemberFields(asset, asset, asset, 2, agent, (), open_to_all)))
    for n in ("1", "2"):
        done(net.ops("person.add", PersonFields(f"p-{code}-{n}", agent, (Role.SETTLEMENT_AGENT,))))
    done(
        net.ops(
            "key.register",
            KeyFields(f"k-{code}", agent, (Role.SETTLEMENT_AGENT,), f"p-{code}-1", key_of(f"k-{code}")),
        )
    )
    done(net.agent(asset, "calendar.amend", CalendarFields(asset, 1, net.at, 0, rows(), (("redeem", 30),))))
    done(net.ops("member.configure", MoveFields(asset)))
    done(net.ops("member.activate", MoveFields(asset)))
    done(net.agent(asset, "currency.cap", CapFields(asset, cap)))


def add_bank(net: Net, word: str, bic: str, member: str, *, provider: bool = False, **more: Any) -> None:
    """Take a bank from nothing to ACTIVE, with a maker, a checker and a system key."""
    currencies = more.pop("currencies", tuple(net.world.members.assets))
    done(net.ops("participant.apply", ApplyFields(bic, member, word, "", provider, currencies, **more)))
    maker = (Role.MAKER, Role.FX_PROVIDER) if provider else (Role.MAKER,)
    done(net.ops("person.add", PersonFields(f"p-{word}-maker", bic, maker)))
    done(net.ops("person.add", PersonFields(f"p-{word}-checker", bic, (Role.CHECKER,))))
    done(net.ops("key.register", KeyFields(f"k-{word}", bic, maker, f"p-{word}-maker", key_of(f"k-{word}"))))
    done(net.ops("participant.admit", BankFields(bic)))
    done(net.ops("participant.let_in", BankFields(bic)))


def key_of(id: str) -> bytes:
    return sha256(b"key " + id.encode()).digest()


def network() -> Net:
    """Give a network of three members and a bank in each."""
    net = Net()
    done(genesis(net))
    for asset, agent in MEMBERS.items():
        add_member(net, asset, agent)
    for (word, bic), member in zip(BANKS.items(), MEMBERS, strict=True):
        add_bank(net, word, bic, member)
    return net


_built: list[dict[str, bytes]] = []
_clock: list[tuple[int, int]] = []


def ready() -> Net:
    """Give the same network as `network`, from its snapshot: quick."""
    if not _built:
        first = network()
        _built.append(dict(first.world.sections()))
        _clock.append((first.at, first.number))
    net = Net(World.decode(_built[0]))
    net.at, net.number = _clock[0]
    return net


def done(outcome: Outcome) -> Outcome:
    assert outcome.code != Code.REFUSED, outcome.refusal
    return outcome


def facts(outcome: Outcome, kind: type | None = None) -> list[Any]:
    found = [decode_fact(fact) for fact in outcome.facts]
    return found if kind is None else [fact for fact in found if isinstance(fact, kind)]


def told(outcome: Outcome) -> list[tuple[str, str]]:
    return [(notice.recipient, notice.kind) for notice in outcome.notices]


def refused(outcome: Outcome, refusal: Refusal) -> bool:
    return outcome.code == Code.REFUSED and outcome.refusal == refusal.code
