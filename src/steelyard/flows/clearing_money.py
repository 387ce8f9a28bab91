"""The money of clearing: which accounts there are, what is on them, and bundles between them.

    owner/CCY/margin              of a member: collateral in cash
    owner/CCY/default-fund        of a member: its share of the default fund
    operator/CCY/clearing         what was collected and is not paid yet
    operator/CCY/clearing-liquidity   what is advanced for payers who are short
    operator/CCY/clearing-capital     the capital of the house, a layer of the waterfall

All but settlement accounts are moved by bundles of margin alone, and only the flows of clearing make those. A
settlement account is debited by the mandate its owner gave as it joined.
"""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import NamedTuple

from steelyard.engine.accounts import CLOSED, CREDITS_BLOCKED, DEBITS_BLOCKED, AccountKind
from steelyard.engine.bundles import Bundle, Kind, Leg, Policy
from steelyard.engine.legs import Act
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import booking, openings, parties, settle
from steelyard.flows.diary import Diary
from steelyard.flows.world import World
from steelyard.members.accounts import SETTLEMENT
from steelyard.members.state import OPERATOR
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import DAY, Day, Instant
from steelyard.values.refusal import Refusal

MARGIN, FUND = "margin", "default-fund"
CLEARING, LIQUIDITY, CAPITAL = "clearing", "clearing-liquidity", "clearing-capital"
KINDS = {
    MARGIN: AccountKind.MARGIN,
    FUND: AccountKind.DEFAULT_FUND,
    CLEARING: AccountKind.MARGIN,
    LIQUIDITY: AccountKind.MARGIN,
    CAPITAL: AccountKind.DEFAULT_FUND,
}

Move = tuple[int, int, int]
"""Source, target, minor units: as many legs as these need"""


def account(world: World, purpose: str, owner: str, asset: str) -> int:
    """Give the number of an account, or 0."""
    if purpose == SETTLEMENT:
        return parties.settlement_account(world, owner, asset)
    return world.members.accounts.get(purpose, owner, asset) or 0


def open_accounts(
    world: World, diary: Diary, purposes: Iterable[str], owner: str, asset: str
) -> Refusal | None:
    """Open what is missing of an owner's accounts for clearing; the caller has made sure of the room."""
    for purpose in purposes:
        refusal = openings.open_account(world, diary, purpose, owner, asset, kind=KINDS[purpose])
        if refusal is not None:
            return refusal
    return None


def held(world: World, purpose: str, owner: str, asset: str) -> int:
    """Give what can be taken from an account now: nothing where it is missing, blocked or closed."""
    number = account(world, purpose, owner, asset)
    found = world.engine.accounts[number] if number else None
    if found is None or found.gate & (CLOSED | DEBITS_BLOCKED):
        return 0
    return max(0, world.engine.balance(number).available)


def takes(world: World, number: int) -> bool:
    """Tell whether an account can be credited now, limits apart."""
    found = world.engine.accounts[number] if number else None
    return found is not None and not found.gate & (CLOSED | CREDITS_BLOCKED)


def book(
    world: World,
    moves: Iterable[Move],
    *,
    subject: bytes,
    what: str,
    at: Instant,
    owners: Iterable[str] = (),
) -> tuple[Act, bytes]:
    """Book moves as one bundle that is tested at its end; give the engine's answer and the bundle's id."""
    legs = tuple(Leg(source, target, part) for source, target, minor in moves for part in _parts(minor))
    number = booking.bundle_id(sha256(subject + what.encode()).digest(), world.commands, at)
    bundle = Bundle(
        number, Kind.MARGIN, legs, policy=Policy.AT_END, reference=int.from_bytes(subject[:16], "big")
    )
    authority = [world.engine.owner_nos[one] for one in owners]
    return world.engine.move(bundle, authority=authority, at=at), number.to_bytes(16, "big")


def _parts(minor: int) -> Iterator[int]:
    """Cut an amount into as many as legs can move."""
    while minor > 0:
        yield min(minor, AMOUNT_END - 1)
        minor -= AMOUNT_END - 1


class Paid(NamedTuple):
    """What became of a bundle that pays members. `kept` is what stays on the clearing account for some of them."""

    refusal: EngineRefusal | None
    bundle_id: bytes
    kept: dict[str, int]


def book_paying(
    world: World,
    moves: list[Move],
    paid: Mapping[str, int],
    *,
    asset: str,
    subject: bytes,
    what: str,
    at: Instant,
    owners: Iterable[str] = (),
    source: int = 0,
) -> Paid:
    """Book moves, then what members are paid out of `source` (0: the clearing account), as one bundle.

    Whoever's settlement account takes nothing is paid on his margin account; what that refuses too is kept on the
    clearing account. So a block or a ceiling of one member holds up nobody else.
    """
    clearing = account(world, CLEARING, OPERATOR, asset)
    source, owners = source or clearing, list(owners)
    before = sum(len(list(_parts(minor))) for _, _, minor in moves)
    targets = {bic: _target(world, bic, asset) for bic in sorted(paid)}
    while True:
        out = [
            (source, number or clearing, paid[bic])
            for bic, number in targets.items()
            if number or source != clearing
        ]
        if not moves and not out:
            return Paid(None, b"", {bic: paid[bic] for bic in targets})
        act, bundle_id = book(world, [*moves, *out], subject=subject, what=what, at=at, owners=owners)
        if act.refusal is None:
            return Paid(None, bundle_id, {bic: paid[bic] for bic, number in targets.items() if not number})
        if act.leg < before or act.refusal not in _OF_THE_TARGET:
            return Paid(act.refusal, b"", {})
        bic = _blamed(targets, paid, act.leg - before, everybody=source != clearing)
        own = account(world, MARGIN, bic, asset)
        if not targets[bic]:
            return Paid(act.refusal, b"", {})
        targets[bic] = own if targets[bic] != own and takes(world, own) else 0


_OF_THE_TARGET = (
    EngineRefusal.ACCOUNT_IS_CLOSED,
    EngineRefusal.ACCOUNT_CREDITS_ARE_BLOCKED,
    EngineRefusal.CEILING_WOULD_BE_EXCEEDED,
)


def _target(world: World, bic: str, asset: str) -> int:
    """Give the account on which a member is paid: settlement, else margin, else none."""
    numbers = (account(world, purpose, bic, asset) for purpose in (SETTLEMENT, MARGIN))
    return next((number for number in numbers if takes(world, number)), 0)


def _blamed(targets: Mapping[str, int], paid: Mapping[str, int], leg: int, *, everybody: bool) -> str:
    """Give the member whose leg it is; those without an account have none unless `everybody` has."""
    for bic, number in targets.items():
        leg -= len(list(_parts(paid[bic]))) if number or everybody else 0
        if leg < 0:
            return bic
    raise AssertionError("the engine named a leg that is not there")


def went_in(world: World, diary: Diary, members: Iterable[str], asset: str, at: Instant) -> None:
    """Let go on what waited for the money that members were paid."""
    world.queues.push_all(
        number for member in members if (number := account(world, SETTLEMENT, member, asset))
    )
    settle.work(world, diary, at)


def today(world: World, asset: str, at: Instant) -> Day:
    """Give the settlement date of a currency; where its calendar says nothing, the date in UTC."""
    on = world.calendars.today(asset, at)
    return at // DAY if on is None else on


def rows(amounts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Give amounts as a fact has them, by name."""
    return tuple((name, amounts[name]) for name in sorted(amounts))
