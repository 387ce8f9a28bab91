"""The value pool: who takes part in batches over several currencies, on which terms, and what these demand.

Taking part is a participant's own choice: its currencies, the one it counts in, and the most it pays in one batch.
It gives no more than that in exchange either, rounding apart.
Exchange legs run over an account per currency, `operator/CCY/pool`, that is empty after every batch.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from steelyard.engine.accounts import AccountKind
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import batch, openings, parties
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Name
from steelyard.flows.liquidity_facts import PoolChosen
from steelyard.flows.world import World
from steelyard.liquidity.batches import Batch, Choice
from steelyard.liquidity.refusals import LiquidityRefusal as No
from steelyard.members.refusals import MemberRefusal
from steelyard.members.state import OPERATOR
from steelyard.payments.payment import Payment
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Instant

PURPOSE = "pool"
Fx = Sequence[tuple[str, str, int]]
"""(participant, asset, minor units that it gets; below zero: gives)"""


class PoolFields(Struct, array_like=True, frozen=True, gc=False):
    """A choice for pools: currencies (none: not any more), its own currency, the most it pays in a batch.

    The cap is in minor units of `home`.
    """

    currencies: tuple[Name, ...] = ()
    home: Name = ""
    cap_minor: int = 0


def choose(world: World, command: Command, fields: PoolFields, at: Instant) -> Outcome:
    """Take part in pool batches from the next one on, on new terms, or no longer."""
    sender, chosen = command.sender, tuple(sorted(set(fields.currencies)))
    if sender not in world.members.participants:
        return refused(MemberRefusal.PARTICIPANT_NOT_FOUND)
    if chosen and not _is_sound(world, sender, chosen, fields):
        return refused(No.POOL_CHOICE_IS_OUT_OF_RANGE)
    missing = [asset for asset in chosen if not transit(world, asset)]
    if not openings.has_room(world, len(missing)):
        return refused(SettingRefusal.ACCOUNTS_ARE_FULL)
    diary = Diary()
    if chosen:
        for asset in missing:
            refusal = openings.open_account(world, diary, PURPOSE, OPERATOR, asset, kind=AccountKind.TRANSIT)
            assert refusal is None, refusal
        world.batches.choices[sender] = Choice(chosen, fields.home, fields.cap_minor)
        diary.fact(PoolChosen(sender, chosen, fields.home, fields.cap_minor))
    else:
        world.batches.choices.pop(sender, None)
        diary.fact(PoolChosen(sender, (), "", 0))
    batch.arm_pool(world, at)
    return diary.done()


def raises_the_cap(world: World, command: Command, fields: PoolFields) -> bool:
    """Tell whether a choice lets a batch take more than before: that takes two people."""
    held = world.batches.choices.get(command.sender)
    return bool(fields.currencies) and (
        held is None or fields.home != held.home or fields.cap_minor > held.cap_minor
    )


def transit(world: World, asset: str) -> int:
    """Give the account over which exchange legs of a currency run, or 0."""
    return world.members.accounts.get(PURPOSE, OPERATOR, asset) or 0


def fault(world: World, found: Batch, moved: Iterable[tuple[Payment, int]], fx: Fx) -> No | None:
    """Say which term of the pool payments and exchange legs break together, or None."""
    units, choices = dict(found.units), world.batches.choices
    paid: dict[str, int] = {}
    for payment, minor in moved:
        for bic in (payment.debtor_agent, payment.creditor_agent):
            if not _takes_part(choices.get(bic), payment.source):
                return No.POOL_NOT_CHOSEN
        paid[payment.debtor_agent] = paid.get(payment.debtor_agent, 0) + minor * units[payment.source]
    given: dict[str, int] = {}
    for bic, asset, minor in fx:
        if asset not in units or not _takes_part(choices.get(bic), asset):
            return No.POOL_NOT_CHOSEN
        given[bic] = given.get(bic, 0) + max(0, -minor) * units[asset]
    rounding = _rounding(units)
    for bic in sorted({*paid, *given}):
        choice = choices[bic]
        most = choice.cap_minor * units.get(choice.home, 0)
        if paid.get(bic, 0) > most or given.get(bic, 0) >= most + rounding:
            return No.POOL_CAP_WOULD_BE_EXCEEDED
    return _fx_fault(units, fx)


def _rounding(units: dict[str, int]) -> int:
    """Give below what value whole minor units differ from what is exact: one of each, and one more of the dearest."""
    return sum(units.values()) + max(units.values())


def _fx_fault(units: dict[str, int], fx: Fx) -> No | None:
    """Hold exchange legs to zero in each currency, and each participant to the batch's rates but for rounding."""
    sums: dict[str, int] = {}
    value: dict[str, int] = {}
    for bic, asset, minor in fx:
        sums[asset] = sums.get(asset, 0) + minor
        value[bic] = value.get(bic, 0) + minor * units[asset]
    if any(sums.values()):
        return No.POOL_FX_DOES_NOT_BALANCE
    if any(abs(gain) >= _rounding(units) for gain in value.values()):
        return No.POOL_VALUE_IS_NOT_KEPT
    return None


def held_abroad(world: World, assets: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Give what of each currency is held by those who have chosen pools and count in another."""
    found = []
    for asset in assets:
        held = 0
        for bic in sorted(world.batches.choices):
            account_no = parties.settlement_account(world, bic, asset)
            if account_no and world.batches.choices[bic].home != asset:
                held += max(0, world.engine.balance(account_no).balance)
        found.append((asset, str(held)))
    return tuple(found)


def _takes_part(choice: Choice | None, asset: str) -> bool:
    return choice is not None and asset in choice.currencies


def _is_sound(world: World, bic: str, chosen: tuple[str, ...], fields: PoolFields) -> bool:
    held = all(parties.settlement_account(world, bic, asset) for asset in chosen)
    return held and len(chosen) > 1 and fields.home in chosen and 0 < fields.cap_minor < AMOUNT_END
