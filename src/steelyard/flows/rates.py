"""Reference rates: publish, confirm and judge them; what sheets are held against and batches convert by.

The operator publishes for all currencies, a settlement agent for pairs with its own. A rate that is stale or has
jumped is confirmed by a settlement agent of the pair, or by two of the operator's people. How the rates of a
currency are judged, and which kind applies to what where kinds differ, its settlement agent says.
"""

from msgspec import Raw, Struct

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import valuing
from steelyard.flows.command import Command, Outcome, raw
from steelyard.flows.currency import own_currency
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import RatePut, SettingChanged
from steelyard.flows.fields import At, Name, Word
from steelyard.flows.world import World
from steelyard.fx.rate_book import FLOWS, RateRules, Standing
from steelyard.fx.rates import Kind, Reference
from steelyard.fx.refusals import FxRefusal
from steelyard.values.instants import MINUTE, Instant
from steelyard.values.refusal import Refusal

__all__ = ["FLOWS", "ConfirmFields", "RatesFields", "RulesFields", "confirm", "run", "set_rules"]

KINDS = tuple(map(str, Kind))


class RatesFields(Struct, array_like=True, frozen=True, gc=False):
    """Rates of one source, time and kind: (base, quote, num, den, flags), minor units of quote per one of base.

    Flags: 1 for simulation only.
    """

    source: Word
    at: At
    rates: tuple[tuple[Name, Name, int, int, int], ...]
    kind: Word = "market"


class ConfirmFields(Struct, array_like=True, frozen=True):
    """The rate that is right: the newest of its pair and kind, named by the time it speaks of."""

    base: Name
    quote: Name
    kind: Word
    as_of: At


class RulesFields(Struct, array_like=True, frozen=True):
    """A currency's rules about its rates, all of them anew; see `fx.rate_book.RateRules`."""

    asset: Name
    stale_after_ms: int
    dual_bp: int
    jump_bp: int
    kinds: tuple[Word, ...]
    choices: tuple[tuple[Word, Word], ...] = ()


def run(world: World, command: Command, fields: RatesFields, at: Instant) -> Outcome:
    """Keep every rate of a publication, or none of it."""
    if fields.at > at + 5 * MINUTE:
        return refused(FxRefusal.REFERENCE_RATE_IS_IN_THE_FUTURE)
    for base, quote, num, den, _ in fields.rates:
        refusal = _reaches(world, command, base, quote)
        if refusal is not None:
            return refused(refusal)
        if base == quote or not (0 < num < 2**63 and 0 < den < 2**63) or fields.kind not in KINDS:
            return refused(FxRefusal.RATE_IS_MALFORMED)
    diary = Diary()
    for base, quote, num, den, flags in fields.rates:
        world.fx.put_rate(Reference(base, quote, num, den, fields.source, fields.at, fields.kind, at, flags))
    for base, quote, *_ in fields.rates:
        standing = world.fx.rate_book.standing(base, quote, fields.kind)
        assert standing is not None, "it was put just now"
        diary.fact(_fact(world, standing, at))
    return diary.done()


def confirm(world: World, command: Command, fields: ConfirmFields, at: Instant) -> Outcome:
    """Take a rate for right that is stale or has jumped; its age counts from now."""
    refusal = _reaches(world, command, fields.base, fields.quote)
    if refusal is not None:
        return refused(refusal)
    book = world.fx.rate_book
    standing = book.standing(fields.base, fields.quote, fields.kind)
    if standing is None or standing.newest.at != fields.as_of:
        return refused(FxRefusal.RATE_NOT_FOUND)
    book.confirm(standing, at=at)
    standing = book.standing(fields.base, fields.quote, fields.kind)
    assert standing is not None, "it was there just now"
    diary = Diary()
    diary.fact(_fact(world, standing, at, confirmed=True))
    return diary.done()


def by_the_operator(world: World, command: Command, fields: Struct) -> bool:
    """Tell whether the operator gives what a settlement agent gives alone: then it takes two people."""
    return command.sender == "operator"


def set_rules(world: World, command: Command, fields: RulesFields, at: Instant) -> Outcome:
    """Put a currency's rules about its rates in place of those before."""
    member = own_currency(world, command, "rate", fields.asset)
    if isinstance(member, Refusal):
        return refused(member)
    if command.sender != world.members.assets[fields.asset].settlement_agent:
        return refused(EngineRefusal.SENDER_HAS_NO_RIGHT)
    rules = RateRules(
        fields.asset, fields.stale_after_ms, fields.dual_bp, fields.jump_bp, fields.kinds, fields.choices
    )
    if not rules.fit:
        return refused(FxRefusal.RATE_RULES_ARE_OUT_OF_BOUNDS)
    world.fx.rate_book.set_rules(rules)
    diary = Diary()
    diary.fact(SettingChanged(command.sender, f"rates/{fields.asset}", _text(rules)))
    return diary.done()


def _reaches(world: World, command: Command, base: str, quote: str) -> Refusal | None:
    """Give why the sender may not speak of a pair's rate, or None."""
    assets = world.members.assets
    if base not in assets or quote not in assets:
        return FxRefusal.CURRENCY_IS_UNKNOWN
    if not any(world.members.reaches(command.actor, "rate", asset=one) for one in (base, quote)):
        return EngineRefusal.SENDER_HAS_NO_RIGHT
    return None


def _fact(world: World, standing: Standing, at: Instant, *, confirmed: bool = False) -> RatePut:
    newest = standing.newest
    return RatePut(
        newest.base, newest.quote, newest.num, newest.den, newest.source, newest.at, newest.kind, newest.flags,
        valuing.marks(world, standing, at), confirmed,
    )  # fmt: skip


def _text(rules: RateRules) -> Raw:
    return raw(
        {
            "stale_after_ms": rules.stale_after_ms, "dual_bp": rules.dual_bp, "jump_bp": rules.jump_bp,
            "kinds": rules.kinds, "choices": dict(rules.choices),
        }
    )  # fmt: skip
