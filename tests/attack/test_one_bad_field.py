"""Commands that are right but for one field: each number, name or id of it in turn as bad as it gets."""

from collections.abc import Iterator
from typing import Any

import msgspec.inspect as inspect
import pytest
from msgspec import Struct, ValidationError
from msgspec.structs import replace

from steelyard.flows.calendar import CalendarFields
from steelyard.flows.choose import SettingsFields
from steelyard.flows.command import Code, encode, raw
from steelyard.flows.currency import CapFields, RulesFields
from steelyard.flows.fields import PayAdded, PayFields
from steelyard.flows.fund import AdviceFields, IssueFields
from steelyard.flows.fx_trade import EnterFields
from steelyard.flows.hand import MoveFields, ReserveFields
from steelyard.flows.ledger import BoundsFields, OpenFields
from steelyard.flows.limits import LimitFields
from steelyard.flows.member import MemberFields
from steelyard.flows.onboard import ApplyFields
from steelyard.flows.packs import PackFields
from steelyard.flows.person import KeyFields, PersonFields
from steelyard.flows.quote import AskFields
from steelyard.flows.rates import RatesFields
from steelyard.flows.reconcile import StatementFields
from steelyard.flows.redeem import FundFields, RedeemFields
from steelyard.flows.registry import BY_NAME
from steelyard.flows.sheet import SheetFields
from steelyard.flows.world import World
from steelyard.members.packs import digest_of
from steelyard.members.roles import Role
from steelyard.values.instants import DAY
from tests.attack.hostile import NAMES, NUMBERS
from tests.flows.payworld import ANNA, BRAM, PONS, START, Network
from tests.members.network import rows

ROWS = rows(60, first=START // DAY - 1)
RIGHT: dict[str, tuple[str, Struct]] = {
    "pay": (ANNA, PayFields(b"u" * 16, 0, 0, b"m" * 16, b"c" * 16, b"i" * 16, b"t" * 16, 1, ANNA, BRAM, "NOR", 100,
                            "SUD", 0, 2, 1)),
    "quote.ask": (ANNA, AskFields("NOR", "SUD", True, 1_000)),
    "sheet.put": (PONS, SheetFields("SUD", "NOR", ((0, 1, 2),), 1, 10**15, 0, START + DAY)),
    "rates.put": ("operator", RatesFields("test", START, (("NOR", "SUD", 2, 1, 4),))),
    "move": (PONS, MoveFields(f"{PONS}/SUD/fx", f"{PONS}/SUD", 100)),
    "reserve": (ANNA, ReserveFields(f"{ANNA}/NOR", f"{BRAM}/NOR", 100, START + DAY)),
    "redeem": (ANNA, RedeemFields("NOR", 100)),
    "fund": (ANNA, FundFields("NOR", 100)),
    "fund.advise": ("STAGNOR0", AdviceFields("NOR", ANNA, 100, "A1")),
    "issue": ("STAGNOR0", IssueFields("NOR", ANNA, 100, "R1")),
    "reconcile": ("STAGNOR0", StatementFields("NOR", "S1", START, 10**6, (("x", 5),))),
    "fx_trade.enter": (ANNA, EnterFields(BRAM, "NOR", 5, "SUD", 5, START // DAY)),
    "account.open": (ANNA, OpenFields("NOR", "client", "a", 100)),
    "account.bounds": ("STAGNOR0", BoundsFields(f"{ANNA}/NOR", 0, 10**9)),
    "limit.set": (ANNA, LimitFields("net_debit", "NOR", 10**9)),
    "currency.cap": ("STAGNOR0", CapFields("NOR", 10**15)),
    "currency.rules": ("STAGNOR0", RulesFields("NOR", True, (), True, 5, 5)),
    "calendar.amend": ("STAGNOR0", CalendarFields("NOR", 7, START, 0, ROWS, (("customer", 30),))),
    "participant.choose": (ANNA, SettingsFields((("NOR", 5),), (("NOR", 5),), True, 5, "refuse", True, 10_000)),
    "participant.apply": ("operator", ApplyFields("NEWBNOR0", "NOR", "New", "", True, ("SUD",))),
    "person.add": ("operator", PersonFields("p-new", ANNA, (Role.MAKER,), b"h" * 16)),
    "key.register": ("operator", KeyFields("k-new", ANNA, (Role.MAKER,), f"k-{ANNA}", b"", b"c" * 32, 5, 2**61)),
    "member.propose": ("operator", MemberFields("WES", "West", "WES", 2, "STAGWES0")),
    "pack.load": ("operator", PackFields("rulebook", "rulebook", "2", digest_of(b"\x81\xa7version\xa12"),
                                         b"\x81\xa7version\xa12")),
}  # fmt: skip


@pytest.fixture(scope="module")
def founded() -> dict[str, bytes]:
    from steelyard.members.people import KEY, Actor

    net = Network()
    for agent in ("STAGNOR0", "STAGSUD0"):
        roles = (Role.SETTLEMENT_AGENT,)
        net.world.members.put_actor(Actor(f"k-{agent}", agent, KEY, roles, public_key=b"k" * 32))
        net.world.engine.add_owner(agent)
    net.set(ANNA, best_quote=True)
    net.fund(ANNA, "NOR", 10**6)
    net.fund(PONS, "SUD", 10**9, "fx")
    net.sheet(PONS, "NOR", "SUD", (0, 2, 1))
    return dict(net.world.sections())


def bad(kind: Any) -> Iterator[Any]:
    """Give the bad values of a field's type; of a tuple, those of its first item's parts."""
    match kind:
        case inspect.Metadata():
            yield from bad(kind.type)
        case inspect.IntType():
            yield from (*NUMBERS, -5, 2**62 - 1, 10**17)
        case inspect.StrType():
            yield from NAMES
        case inspect.BytesType():
            yield from (b"", b"\x00" * 16, b"\xff" * 32, b"x" * 200)
        case inspect.BoolType():
            yield from (True, False)
        case inspect.NoneType():
            yield None
        case inspect.EnumType():
            yield from kind.cls
        case inspect.UnionType():
            for part in kind.types:
                yield from bad(part)
        case inspect.TupleType():
            plain = tuple(next(bad(part)) for part in kind.item_types)
            for place, part in enumerate(kind.item_types):
                for value in bad(part):
                    yield (*plain[:place], value, *plain[place + 1 :])
        case inspect.VarTupleType():
            yield ()
            for value in bad(kind.item_type):
                yield (value,)


def varied(right: Struct) -> Iterator[Struct]:
    yield right
    for field in inspect.type_info(type(right)).fields:  # type: ignore[union-attr]
        held = getattr(right, field.name)
        for value in bad(field.type):
            yield replace(right, **{field.name: value})
        if isinstance(held, tuple) and held and isinstance(held[0], tuple):
            for place, part in enumerate(held[0]):
                for value in NUMBERS if isinstance(part, int) else NAMES:
                    first = (*held[0][:place], value, *held[0][place + 1 :])
                    yield replace(right, **{field.name: (first, *held[1:])})


@pytest.mark.parametrize("name", RIGHT)
def test_no_single_field_stops_the_node(founded: dict[str, bytes], name: str) -> None:
    sender, right = RIGHT[name]
    entry, done, net = BY_NAME[name, 1], 0, Network(World.decode(founded))
    net._number = 1_000
    for fields in varied(right):
        try:
            entry.decode(raw(fields))
        except ValidationError:
            continue
        net.at += 10**6
        command = net_command(net, name, fields, sender)
        assert net.world.run_inner is not None
        net.world.now = net.at
        before = dict(net.world.sections())
        outcome = net.world.run_inner(command, net.at)
        net.world.engine.take_records()
        net.world.commands += 1
        encode(outcome)
        assert len(net.world.state_hash()) == 32
        if outcome.code == Code.REFUSED and name != "pay":
            after = {key: part for key, part in net.world.sections() if key not in ("world", "ids")}
            assert after == {key: before[key] for key in after}
        if outcome.code == Code.DONE:
            done += 1
            net.again().wait(2 * DAY)
            net = Network(World.decode(founded))
            net._number = 1_000
    assert done


def net_command(net: Network, name: str, fields: Struct, sender: str) -> Any:
    from steelyard.flows.command import NO_FIELDS, Command

    net._number += 1
    id = (net.at // 10**6).to_bytes(6, "big") + net._number.to_bytes(10, "big")
    added = raw(PayAdded(b"m" * 32, b"p" * 32)) if name == "pay" else NO_FIELDS
    return Command(name, 1, id, sender, f"k-{sender}", 0, raw(fields), added, bytes(16))
