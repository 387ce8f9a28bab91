"""From the amounts of a payment to the legs of its one bundle, and to the engine with them.

One currency: debtor agent to creditor agent. With exchanges: debtor agent to the first provider, provider to
provider in whatever asset lies between, last provider to creditor agent. Booked fees are legs of their own.
What leaves the payer stands first, so that a shortage of the payer is found before one of a provider.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple, Protocol

from msgspec import structs

from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows.parties import fee_account, provider_account, settlement_account, suspense_account
from steelyard.flows.pricing import Settled
from steelyard.flows.world import World
from steelyard.liquidity.queues import FeeLeg
from steelyard.payments.fees import FROM_PAYEE, ON_TOP
from steelyard.payments.payment import Terms, Wait
from steelyard.payments.refusals import PaymentRefusal
from steelyard.values.refusal import Refusal

MS = 1_000_000
BEYOND = 1 << 127
"""The highest bit of an id's time: 4,000 years ahead"""


class Parties(Protocol):
    """What of a payment its legs need: the sender's fields and a live payment both have it."""

    @property
    def uetr(self) -> bytes:
        """Its UETR."""

    @property
    def debtor_agent(self) -> str:
        """Who pays."""

    @property
    def creditor_agent(self) -> str:
        """Who is paid."""

    @property
    def source(self) -> str:
        """What leaves."""

    @property
    def target(self) -> str:
        """What arrives."""


class Tried(NamedTuple):
    """What became of an attempt: booked or reserved under `bundle_id`; to wait for an account; or refused."""

    bundle_id: int = 0
    wait: Wait = Wait.NOTHING
    account_no: int = 0
    refusal: Refusal | None = None
    reason: int = 0
    """Number of the rule that lets it wait"""


def bundle_id(seed: bytes, number: int, at: int) -> int:
    """Make the id of a bundle: 48 bits of ms, 80 bits of SHA-256 over what it serves and a running number.

    It is new at each attempt, so that a payment that queued for hours is neither too old nor a repeat.
    """
    digest = sha256(seed + number.to_bytes(8, "big")).digest()
    return (at // MS) << 80 | int.from_bytes(digest[:10], "big")


def made_id(seed: bytes, number: int, at: int) -> bytes:
    """Make the id of a thing that a command makes beside the one under its own id: a part of a receipt, say.

    Its time lies beyond all that the window of ids lets in. So no command ever has it, neither while the thing is
    there nor after, and nobody has to remember what has ended.
    """
    return (bundle_id(seed, number, at) | BEYOND).to_bytes(16, "big")


def legs(world: World, who: Parties, deal: Settled) -> tuple[list[Leg], list[int]]:
    """Give the legs of a payment in their order, and the owners on whose authority they are."""
    payer = settlement_account(world, who.debtor_agent, who.source)
    payee = settlement_account(world, who.creditor_agent, who.target)
    owner_nos = world.engine.owner_nos
    owners = [owner_nos.get(who.debtor_agent, 0)]
    made: list[Leg] = []
    giver = payer
    for hop in deal.hops:
        taken = provider_account(world, hop.provider, hop.sell)
        if giver != taken:
            made.append(Leg(giver, taken, hop.sold_minor))
        if giver == payer and deal.fees:
            _payer_fees(world, made, who.source, deal, payer)
        giver = provider_account(world, hop.provider, hop.buy)
        owners.append(owner_nos.get(hop.provider, 0))
    if giver != payee:
        made.append(Leg(giver, payee, deal.target_minor))
    if deal.fees:
        if not deal.hops:
            _payer_fees(world, made, who.source, deal, payer)
        if _payee_fees(world, made, who, deal, payee, giver):
            owners.append(owner_nos.get(who.creditor_agent, 0))
    return made, owners


def main_leg(world: World, who: Parties, deal: Settled) -> tuple[int, tuple[FeeLeg, ...]]:
    """Give the account that a payment credits where it is one leg, payer to payee, and its fee legs beside that one.

    0 and none where there is more to it, or a fee has no account to go to.
    """
    if deal.hops or who.source != who.target:
        return 0, ()
    if not any(fee.booked for fee in deal.fees):
        return settlement_account(world, who.creditor_agent, who.target), ()
    main, *beside = legs(world, who, deal)[0]
    if not all(leg.target for leg in beside):
        return 0, ()
    return main.target, tuple([(leg.source, leg.target, leg.amount_minor) for leg in beside])


def plain_payee(world: World, who: Parties, deal: Settled) -> int:
    """Give the account that a payment credits where it is one leg, payer to payee; 0 where there is more to it."""
    if deal.hops or who.source != who.target or any(fee.booked for fee in deal.fees):
        return 0
    return settlement_account(world, who.creditor_agent, who.target)


def outflow(world: World, who: Parties, deal: Settled) -> int:
    """Give what must be on the payer's account for a payment to go; less than its debit where it keeps a fee."""
    if not deal.hops and not deal.fees:
        return deal.debit_minor
    payer = settlement_account(world, who.debtor_agent, who.source)
    return sum(leg.amount_minor for leg in legs(world, who, deal)[0] if leg.source == payer)


def _payer_fees(world: World, made: list[Leg], asset: str, deal: Settled, payer: int) -> None:
    """Add the booked fees that the payer pays; in one currency those of the payee's side on top too.

    A fee that its payer keeps itself moves nothing.
    """
    for fee in deal.fees:
        if fee.booked and fee.taken != FROM_PAYEE and fee.asset == asset:
            kept = fee_account(world, fee.keeper, asset)
            if kept != payer:
                made.append(Leg(payer, kept, fee.amount_minor))


def _payee_fees(world: World, made: list[Leg], who: Parties, deal: Settled, payee: int, giver: int) -> bool:
    """Add the booked fees of the payee's side; tell whether the payee itself pays any.

    The keeper of a quote's fee may be open: then it is the creditor agent that the payment names.
    """
    pays = False
    for fee in deal.fees:
        if not fee.booked or fee.asset != who.target:
            continue
        kept = fee_account(world, fee.keeper or who.creditor_agent, who.target)
        if fee.taken == FROM_PAYEE and kept != payee:
            made.append(Leg(payee, kept, fee.amount_minor))
            pays = True
        elif fee.taken == ON_TOP and deal.hops and kept != giver:
            made.append(Leg(giver, kept, fee.amount_minor))
    return pays


def settle(
    world: World,
    who: Parties,
    deal: Settled,
    *,
    at: int,
    releasing: Sequence[int] = (),
    suspended: bool = False,
) -> Tried:
    """Book a payment's bundle whole, or say what it lacks; `suspended` lets what arrives go on to suspense."""
    made, owners = legs(world, who, deal)
    if suspended:
        payee = settlement_account(world, who.creditor_agent, who.target)
        suspense = suspense_account(world, who.creditor_agent, who.target)
        made.append(Leg(payee, suspense, deal.target_minor))
        owners.append(world.engine.owner_nos[who.creditor_agent])
    number = bundle_id(who.uetr, world.commands, at)
    bundle = Bundle(number, Kind.PAYMENT, tuple(made), reference=int.from_bytes(who.uetr, "big"))
    act = world.engine.move(bundle, authority=owners, releasing=releasing or firm(deal), at=at)
    if act.refusal is None:
        return Tried(number)
    return _lacking(made, act.refusal, act.leg)


def reserve(
    world: World, who: Parties, deal: Settled, *, at: int, deadline_at: int, releasing: Sequence[int] = ()
) -> Tried:
    """Reserve all legs of a payment until a deadline, or say what it lacks."""
    made, owners = legs(world, who, deal)
    number = bundle_id(who.uetr, world.commands, at)
    bundle = Bundle(
        number, Kind.PAYMENT, tuple(made), reference=int.from_bytes(who.uetr, "big"), deadline_at=deadline_at
    )
    act = world.engine.reserve(bundle, authority=owners, releasing=releasing or firm(deal), at=at)
    if act.refusal is None:
        return Tried(number)
    return _lacking(made, act.refusal, act.leg)


def firm(deal: Settled) -> list[int]:
    """Give the reservations that a quote made for its payment: they end where the payment books its own."""
    return [int.from_bytes(hop.firm, "big") for hop in deal.hops if hop.firm]


def give_back(world: World, number: int, *, at: int) -> None:
    """End a reservation, by release or, where its deadline has come, by expiry; nothing where it has ended."""
    reservation = world.engine.reservation(number)
    if reservation is None:
        return
    world.queues.push_all([leg[0] for leg in reservation.legs])
    late = reservation.deadline_at and at >= reservation.deadline_at
    act = world.engine.expire(number, at=at) if late else world.engine.release(number, at=at)
    assert act.refusal is None


def credited(world: World, who: Parties, deal: Settled) -> list[int]:
    """Give the accounts of participants that a payment's bundle credits: their waiting payments may go now."""
    accounts = [provider_account(world, hop.provider, hop.sell) for hop in deal.hops]
    accounts.append(settlement_account(world, who.creditor_agent, who.target))
    return accounts


def hold(world: World, terms: Terms, *, at: int) -> Terms:
    """Move what a quote reserved for its payment from the quote's expiry to the end of its lock.

    Terms without such a reservation come back as they are.
    """
    if not any(hop.firm for hop in terms.hops):
        return terms
    hops = []
    for hop in terms.hops:
        old = world.engine.reservation(int.from_bytes(hop.firm, "big")) if hop.firm else None
        if old is None:
            hops.append(hop)
            continue
        number = bundle_id(hop.firm, world.commands, at)
        made = tuple([Leg(source, target, amount) for source, target, amount, _ in old.legs])
        bundle = Bundle(number, Kind.PURPOSE, made, reference=old.reference, deadline_at=terms.lock_until)
        authority = [world.engine.owner_nos.get(hop.provider, 0)]
        act = world.engine.reserve(bundle, authority=authority, releasing=[old.bundle_id], at=at)
        if act.refusal is not None:  # blocked since: the promise is an ordinary one from here on
            give_back(world, old.bundle_id, at=at)
        hops.append(structs.replace(hop, firm=b"" if act.refusal is not None else number.to_bytes(16, "big")))
    return structs.replace(terms, hops=tuple(hops))


def _lacking(made: list[Leg], refusal: EngineRefusal, leg: int) -> Tried:
    """Turn the engine's no into what a payment does next."""
    if refusal is EngineRefusal.LIQUIDITY_IS_SHORT:
        short = made[leg].source
        wait = Wait.FUNDS if short == made[0].source else Wait.PROVIDER
        return Tried(wait=wait, account_no=short, reason=refusal.code)
    first, last = leg == 0, leg == len(made) - 1
    if refusal is EngineRefusal.ACCOUNT_IS_CLOSED:
        return Tried(refusal=_DEBTOR[0] if first else _CREDITOR[0] if last else refusal)
    if refusal is EngineRefusal.ACCOUNT_DEBITS_ARE_BLOCKED and first:
        return Tried(refusal=PaymentRefusal.DEBTOR_ACCOUNT_IS_BLOCKED)
    if refusal is EngineRefusal.ACCOUNT_CREDITS_ARE_BLOCKED and last:
        return Tried(refusal=PaymentRefusal.CREDITOR_ACCOUNT_IS_BLOCKED)
    return Tried(refusal=_MEANS.get(refusal, refusal))


_DEBTOR = (PaymentRefusal.DEBTOR_ACCOUNT_IS_CLOSED,)
_CREDITOR = (PaymentRefusal.CREDITOR_ACCOUNT_IS_CLOSED,)
_MEANS: dict[EngineRefusal, Refusal] = {
    EngineRefusal.LIMIT_WOULD_BE_EXCEEDED: PaymentRefusal.PARTY_LIMIT,
    EngineRefusal.CEILING_WOULD_BE_EXCEEDED: PaymentRefusal.HOLDING_LIMIT,
}
