"""No orphan: everything held names something alive, and everything alive is held as it says.

Pure functions over a World, for properties, the simulator, the node's sweep and replay. Each gives a sentence
about the first thing found wrong, or None. What needs the engine alone is in `engine/invariants/`.
"""

from collections.abc import Callable, Iterator

from steelyard.engine.accounts import AccountKind
from steelyard.engine.bundles import Kind
from steelyard.engine.reservations import Reservation
from steelyard.flows import claim, parties
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.liquidity.credit import LineKind
from steelyard.liquidity.cycles import PURPOSE, CycleState
from steelyard.market.auctions.sealed import Commitment, SealedCall
from steelyard.members.redemptions import RedemptionState
from steelyard.node import market_sweeps, title_sweeps
from steelyard.payments.payment import Payment, Wait
from steelyard.payments.states import State

HOLDS = (State.RESERVED, State.PREPARED, State.OFFERED, State.DECIDED)
REDEEMS = (RedemptionState.RESERVED, RedemptionState.INSTRUCTED, RedemptionState.OVERDUE)


def no_orphan_reservation(world: World) -> str | None:
    """Say which reservation names nothing alive, or which payment lacks the one it names."""
    owners = _firm_holders(world)
    reserved: dict[int, int] = {}
    for number in sorted(world.engine.reservations):
        reservation = world.engine.reservations[number]
        fault = _orphan(world, reservation, owners)
        if fault is not None:
            return f"reservation {number:032x}: {fault}"
        for source, _, amount, _ in reservation.legs:
            reserved[source] = reserved.get(source, 0) + amount
    for account in world.engine.accounts:
        if account is not None and account.debits_reserved != reserved.get(account.account_no, 0):
            return f"account {account.name}: reserved is not the sum of what is held for payments and others"
    for payment in world.payments.live.values():
        number = int.from_bytes(payment.bundle_id, "big")
        if (payment.state in HOLDS) != (number in world.engine.reservations):
            return f"payment {payment.uetr.hex()}: {State(payment.state).name} without its reservation, or with one"
    for line in world.credit.every():
        if not all(int.from_bytes(held, "big") in world.engine.reservations for held in line.held):
            return f"credit line {line.line_id.hex()}: what locks its collateral is not there"
    return None


def _orphan(world: World, held: Reservation, owners: dict[int, int]) -> str | None:
    """Say why one reservation is an orphan, or nothing. What a sender reserves on the bulk lane is its own."""
    if held.maker:
        return None
    if held.kind == Kind.PAYMENT:
        payment = world.payments.live.get(held.reference.to_bytes(16, "big"))
        if payment is None or payment.state not in HOLDS:
            return "its payment is not under way"
        if int.from_bytes(payment.bundle_id, "big") != held.bundle_id:
            return "its payment names another"
        if held.deadline_at not in (0, payment.chain_deadline_at):
            return "its deadline is not its payment's"
        return None
    if held.kind == Kind.REDEEM:
        redemption = world.money.redemptions.get(held.reference.to_bytes(16, "big"))
        alive = redemption is not None and redemption.state in REDEEMS
        return None if alive else "its redemption is not under way"
    if held.kind == Kind.PURPOSE and held.reference == held.bundle_id:
        ends = held.deadline_at or world.credit.pledges(held.bundle_id.to_bytes(16, "big"))
        return None if ends else "it was set aside by hand and nothing ends it"
    if held.kind == Kind.PURPOSE:
        deadline = owners.get(held.bundle_id)
        if deadline is None:
            return "no quote, payment or order holds it"
        return None if held.deadline_at == deadline else "its deadline is not its quote's"
    return None  # cycles, cases and outside ledgers are proved by those who own them


def _firm_holders(world: World) -> dict[int, int]:
    """Give, for what quotes have set aside, the deadline it should have: the quote's, or the payment's lock."""
    owners: dict[int, int] = {}
    for quote in world.fx.quotes.values():
        for hop in quote.hops:
            if hop.firm:
                owners[int.from_bytes(hop.firm, "big")] = quote.expires_at
    for payment in world.payments.live.values():
        if payment.terms is not None and not payment.bundle_id:
            for exchange in payment.terms.hops:
                if exchange.firm:
                    owners[int.from_bytes(exchange.firm, "big")] = payment.terms.lock_until
    for order in world.fx_orders.in_order():
        owners[int.from_bytes(order.bundle_id, "big")] = order.good_until_at
    for case in world.tenders.live.values():
        for bid in case.bids.values():
            if bid.bond:
                owners[int.from_bytes(bid.bond, "big")] = 0
    for rfq in world.rfqs.live.values():
        for answer in rfq.answers:
            if answer.held:
                owners[int.from_bytes(answer.held, "big")] = 0
    for _, deposit in _deposits(world):
        owners[int.from_bytes(deposit.bond, "big")] = 0
    for delivery in world.deliveries.each():
        if delivery.auction is not None:
            kept = [delivery.auction.reservation, *(one.reservation for one in delivery.auction.offers)]
            owners.update((int.from_bytes(one, "big"), 0) for one in kept if one)
    return owners


def _deposits(world: World) -> Iterator[tuple[str, Commitment]]:
    """Give the commitments to sealed orders whose deposits should be held, each with its auction."""
    for auction in world.auctions.live.values():
        if isinstance(auction, SealedCall):
            yield from ((auction.auction_id, one) for one in auction.unopened() if one.bond)


def bonds_are_held(world: World) -> str | None:
    """Say whose bid has no reservation for its bond, or one of another amount; or nothing."""
    for case in world.tenders.live.values():
        for bid in case.bids.values():
            held = world.engine.reservations.get(int.from_bytes(bid.bond, "big")) if bid.bond else None
            if bid.bond and (held is None or [leg[2] for leg in held.legs] != [case.terms.bond_minor]):
                return f"tender {case.tender_id.hex()}: the bond of {bid.bidder} is not held"
    for auction_id, deposit in _deposits(world):
        if int.from_bytes(deposit.bond, "big") not in world.engine.reservations:
            return f"auction {auction_id}: the deposit of {deposit.owner} is not held"
    return None


def redemptions_are_reserved(world: World) -> str | None:
    """Say which redemption under way has no reservation, or one that is over still has it; or nothing."""
    for redemption in world.money.redemptions.values():
        held = world.engine.reservations.get(int.from_bytes(redemption.bundle_id, "big"))
        if (redemption.state in REDEEMS) != (held is not None):
            return (
                f"redemption {redemption.id.hex()}: {redemption.state} without its reservation, or with one"
            )
        if held is not None and [leg[2] for leg in held.legs] != [redemption.amount_minor]:
            return f"redemption {redemption.id.hex()}: its reservation is of another amount"
    return None


def claims_equal_open_quotes(world: World) -> str | None:
    """Say whose claims are not the sum of its open quotes, or nothing."""
    expected: dict[tuple[str, str], int] = {}
    for quote in world.fx.quotes.values():
        for hop in quote.hops:
            if not hop.firm:
                key = (hop.provider, hop.buy)
                expected[key] = expected.get(key, 0) + hop.bought_minor
    for provider, asset, minor in world.fx.claims.items():
        if expected.pop((provider, asset), 0) != minor:
            return f"claims on {provider}/{asset} are not the sum of its open quotes"
    return f"open quotes on {min(expected)} have no claim" if expected else None


def every_wait_ends(world: World) -> str | None:
    """Say which live payment no clock would end, or which stands in no list although it waits."""
    for payment in world.payments.live.values():
        name = f"payment {payment.uetr.hex()}"
        if world.timers.at(TimerKind.PAYMENT, payment.uetr) != payment.deadline_at:
            return f"{name}: its clock is not set"
        if payment.uetr in _recorded(world, payment):
            return f"{name}: is both under way and over"
        if payment.waits_on and not world.queues.has(payment.waits_on, payment.uetr):
            return f"{name}: waits in no list"
    for account_no in world.queues.accounts():
        for item in world.queues.of(account_no):
            waiting = world.payments.live.get(item.uetr)
            if waiting is None or waiting.waits != Wait.FUNDS or waiting.waits_on != account_no:
                return f"queue of account {account_no}: {item.uetr.hex()} does not wait there"
            due = (
                waiting.open_minor if item.payee_no else waiting.due_minor
            )  # fees stand beside a leg of its own
            if item.amount_minor != due or (world.queues.charged.get(item.uetr) is item) != bool(item.fees):
                return f"queue of account {account_no}: {item.uetr.hex()} stands there with another amount"
            if account_no != parties.settlement_account(world, waiting.debtor_agent, waiting.source):
                return f"queue of account {account_no}: {item.uetr.hex()} is another payer's"
    return None


def _recorded(world: World, payment: Payment) -> tuple[bytes, ...]:
    return (payment.uetr,) if world.payments.memory.get(payment.uetr) is not None else ()


def cycles_hold_pay_ins(world: World) -> str | None:
    """Say which account for pay-ins holds something else than those of cycles under way, or which obligation strays."""
    paid: dict[tuple[str, str], int] = {}
    inside: dict[bytes, bytes] = {}
    for cycle in world.cycles.live.values():
        for bic, asset, minor in cycle.each_paid():
            paid[bic, asset] = paid.get((bic, asset), 0) + minor
        if world.timers.at(TimerKind.CYCLE, cycle.cycle_id) != (cycle.due_at or None):
            return f"cycle {cycle.number}: its clock is not set"
        waits = Wait.GATHERING if cycle.state is CycleState.OPEN else Wait.CYCLE
        for uetr in cycle.items:
            inside[uetr] = cycle.cycle_id
            payment = world.payments.live.get(uetr)
            if payment is None or payment.waits != waits or payment.source not in cycle.assets:
                return f"cycle {cycle.number}: {uetr.hex()} does not wait in it"
    for payment in world.payments.live.values():
        if payment.waits in (Wait.CYCLE, Wait.GATHERING) and payment.uetr not in inside:
            return f"payment {payment.uetr.hex()}: waits in no cycle"
    for account in world.engine.accounts:
        if account is None or account.kind != AccountKind.RESERVED or account.purpose != PURPOSE:
            continue
        owner, asset, _ = account.name.split("/")
        if (
            account.signed != paid.pop((owner, asset), 0)
            or account.debits_reserved
            or account.credits_reserved
        ):
            return f"account {account.name}: holds something else than pay-ins of cycles under way"
    return f"pay-ins of {min(paid)} are on no account" if paid else None


def swaps_are_pledged(world: World) -> str | None:
    """Say which pledge is not the sum of what its draws say, or which draw or case about credit nothing would end."""
    pledged: dict[int, int] = {}
    for line in world.credit.every():
        if line.kind is not LineKind.SWAP:
            continue
        pledged.setdefault(line.account_no, 0)
        for lot in line.lots:
            pledged[line.account_no] += lot.pledged_minor
            subject = line.line_id + lot.lot_no.to_bytes(8, "big")
            is_timed = world.timers.at(TimerKind.CREDIT_SWAP, subject) == lot.due_at
            if is_timed == (world.credit.case_of(line.line_id, lot.lot_no) is not None):
                return (
                    f"credit line {line.line_id.hex()}: lot {lot.lot_no} has neither clock nor case, or both"
                )
    for account_no, minor in pledged.items():
        held = world.engine.balance(account_no).balance
        if held != minor:
            return f"account {account_no} holds {held} as a pledge, its draws say {minor}"
    return None


def claims_are_booked(world: World) -> str | None:
    """Say which account of the claims book is not the sum of the confirmed claims that are open."""
    sums: dict[int, int] = {}
    for one in world.claims.every():
        if not one.confirmed:
            continue
        for purpose, party in ((claim.OWED, one.creditor), (claim.OWES, one.debtor)):
            account_no = claim.account(world, purpose, party, one.currency)
            sums[account_no] = sums.get(account_no, 0) + one.open_minor
    for account in world.engine.accounts:
        if (
            account is None
            or account.kind != AccountKind.ESCROW
            or account.purpose not in (claim.OWED, claim.OWES)
        ):
            continue
        if account.signed != sums.pop(account.account_no, 0):
            return f"account {account.name}: holds something else than the claims that are open"
    return "a confirmed claim is on no account" if any(sums.values()) else None


SWEEPS: tuple[tuple[str, Callable[[World], str | None]], ...] = (
    ("no_orphan_reservation", no_orphan_reservation),
    ("redemptions_are_reserved", redemptions_are_reserved),
    ("bonds_are_held", bonds_are_held),
    ("claims_equal_open_quotes", claims_equal_open_quotes),
    ("every_wait_ends", every_wait_ends),
    ("swaps_are_pledged", swaps_are_pledged),
    ("cycles_hold_pay_ins", cycles_hold_pay_ins),
    ("claims_are_booked", claims_are_booked),
    *((sweep.__name__, sweep) for sweep in (*market_sweeps.SWEEPS, *title_sweeps.SWEEPS)),
)


def first_fault(world: World) -> str | None:
    """Give name and sentence of the first sweep that finds something wrong, or None."""
    for name, sweep in SWEEPS:
        found = sweep(world)
        if found is not None:
            return f"{name}: {found}"
    return None
