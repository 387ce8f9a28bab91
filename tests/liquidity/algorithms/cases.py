"""Small networks for Hypothesis: a few accounts, up to twelve payments, limits and reservations."""

from hypothesis import strategies as st

from steelyard.liquidity.queue import ALL, Queued, Room

NAMES = ("A", "B", "C", "D")


@st.composite
def networks(draw, *, most=12, classes=(0, 1, 2), scale=1):
    """Give (balances, payments); every seq occurs once, in any order."""
    balances = {name: draw(st.integers(0, 15)) * scale for name in NAMES}
    count = draw(st.integers(0, most))
    seqs = draw(st.permutations(range(count)))
    payments = []
    for number, seq in enumerate(seqs):
        payer, payee = draw(st.sampled_from([(a, b) for a in NAMES for b in NAMES if a != b]))
        payments.append(
            Queued(
                f"p{number}",
                payer,
                payee,
                draw(st.integers(1, 20)) * scale,
                priority=draw(st.sampled_from(classes)),
                seq=seq,
            )
        )
    return balances, payments


@st.composite
def limits(draw):
    """Give limits, bilateral and of everybody else, each at most once."""
    pairs = [(a, b) for a in NAMES for b in (*NAMES, ALL) if a != b]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=5))
    return tuple(Room(owner, other, draw(st.integers(0, 15))) for owner, other in chosen)


@st.composite
def reservations(draw):
    """Give what some accounts keep for urgent and high payments."""
    chosen = draw(st.lists(st.sampled_from(NAMES), unique=True))
    return {name: (draw(st.integers(0, 10)), draw(st.integers(0, 10))) for name in chosen}


def after(balances, payments):
    """Give the balances once these payments have settled."""
    left = dict(balances)
    for payment in payments:
        left[payment.payer] -= payment.amount_minor
        left[payment.payee] += payment.amount_minor
    return left


def holds(balances, payments, limits=(), reserved=None):
    """Tell plainly whether payments can settle together.

    Each payer ends at or above what is kept for classes above the lowest it pays in, and within its limits.
    """
    left = after(balances, payments)
    for account in balances:
        out = [payment for payment in payments if payment.payer == account]
        if not out:
            continue
        lowest = max(payment.priority for payment in out)
        kept = (reserved or {}).get(account, (0, 0))
        unused = [
            max(0, kept[each] - sum(p.amount_minor for p in out if p.priority == each)) for each in range(2)
        ]
        if left[account] < sum(unused[:lowest]):
            return False
    for limit in limits:
        others = {other.counterparty for other in limits if other.owner == limit.owner} - {ALL}
        counts = (
            [limit.counterparty] if limit.counterparty != ALL else [n for n in balances if n not in others]
        )
        normal = [payment for payment in payments if payment.priority == 2]
        net = sum(p.amount_minor for p in normal if p.payer == limit.owner and p.payee in counts) - sum(
            p.amount_minor for p in normal if p.payee == limit.owner and p.payer in counts
        )
        if net > limit.room_minor:
            return False
    return True
