"""A bundle: legs that are applied whole or not at all.

`book` lays the legs over the counters without touching them and gives the lowest refusal, then the lowest
leg. With EACH_LEG every bound holds after every leg in the written order; with AT_END it holds once, on the
final state. A shortage does not end the search, since asserts have lower codes.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING

import msgspec

from steelyard.engine.accounts import COUNTER_MAX, ISSUERS, Account, AccountKind
from steelyard.engine.legs import DONE, KINDS, Act, Kind, Leg, LegColumns, Resolved, returns
from steelyard.engine.limits import count_leg
from steelyard.engine.refusals import BY_CODE, Refusal

if TYPE_CHECKING:
    from steelyard.engine.draft import Draft

__all__ = ["KINDS", "Assert", "AssertKind", "Bundle", "Kind", "Leg", "Policy", "book"]


class Policy(IntEnum):
    """When bounds and limits are tested."""

    EACH_LEG = 0
    AT_END = 1


class AssertKind(IntEnum):
    """What a bundle may assert of the state it ends in, or of the time."""

    END_ZERO = 1
    END_BALANCE_AT_LEAST = 2
    ACCOUNT_VERSION = 3
    NOT_AFTER = 4


class Assert(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One assertion: of an account (`value` is a balance or a version), or of time (`value` is an instant).

    NOT_AFTER is a deadline like every other: at it is too late.
    """

    kind: AssertKind
    account_no: int = 0
    value: int = 0


class Bundle(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What shall move together. `deadline_at` (ns, 0 for none) counts for reservations only.

    `bundle_id` and `reference` are 128-bit numbers; the id has 48 bits of millisecond time on top. A move that
    settles many things at once gives each leg its own in `references`: those then stand in the records. They are
    numbers, or packed: 16 little-endian bytes each (`records.packed_references`).
    """

    bundle_id: int
    kind: int
    legs: tuple[Leg, ...] | LegColumns
    policy: int = Policy.EACH_LEG
    reference: int = 0
    deadline_at: int = 0
    asserts: tuple[Assert, ...] = ()
    references: tuple[int, ...] | bytes = ()


NONE = 1 << 60
_LIMIT = Refusal.LIMIT_WOULD_BE_EXCEEDED.code


def book(draft: "Draft", bundle: Bundle, resolved: Sequence[Resolved], *, reserving: bool) -> Act:
    """Lay the legs over the draft's counters and give the lowest refusal of codes 60 to 80, or DONE."""
    lay = _each_leg if bundle.policy == Policy.EACH_LEG else _at_end
    worst = lay(draft, resolved, reserving)
    counters = draft.counters
    for source, target, _ in resolved:
        s, t = counters[source.account_no], counters[target.account_no]
        if s[0] + s[2] > COUNTER_MAX or t[1] + t[3] > COUNTER_MAX:  # so that no settle can pass it later
            worst = min(worst, _overflow(draft, resolved))
            break
    if bundle.kind == Kind.CYCLE:
        worst = min(worst, transit_fault(draft, resolved))
    if bundle.asserts:
        worst = min(worst, _asserts(draft, bundle.asserts))
    if worst == NONE:
        return DONE
    return Act(BY_CODE[worst >> 20], (worst & 0xFFFFF) - 1)


def _fault(code: int, leg_no: int) -> int:
    """Give code and leg as one number, so that the least is the one to answer."""
    return code << 20 | (leg_no + 1)


def _each_leg(draft: "Draft", resolved: Sequence[Resolved], reserving: bool) -> int:
    counters = draft.counters
    worst = NONE
    for leg_no, (source, target, amount) in enumerate(resolved):
        s = counters.get(source.account_no)
        if s is None:
            s = draft.touch(source)
        t = counters.get(target.account_no)
        if t is None:
            t = draft.touch(target)
        if reserving:
            s[2] += amount
            t[3] += amount
        else:
            s[0] += amount
            t[1] += amount
        if s[1] - s[0] - s[2] < source.low:
            worst = min(worst, _fault(source.low_refusal(), leg_no))
        if t[1] - t[0] + t[3] > target.high:
            worst = min(worst, _fault(target.high_refusal(), leg_no))
        if (source.limits or target.limits) and count_leg(
            draft.used, draft.limits, source, target, amount, reserving=reserving
        ):
            worst = min(worst, _fault(_LIMIT, leg_no))
    return worst


def _at_end(draft: "Draft", resolved: Sequence[Resolved], reserving: bool) -> int:
    counters = draft.counters
    out: dict[int, int] = {}  # account -> last leg that debits it
    into: dict[int, int] = {}
    limited: dict[int, int] = {}  # limit -> last leg that it counts
    for leg_no, (source, target, amount) in enumerate(resolved):
        s = counters.get(source.account_no) or draft.touch(source)
        t = counters.get(target.account_no) or draft.touch(target)
        if reserving:
            s[2] += amount
            t[3] += amount
        else:
            s[0] += amount
            t[1] += amount
        out[source.account_no] = leg_no
        back = source.kind == AccountKind.RESERVED and returns(source, target)
        if not back:
            into[target.account_no] = leg_no
        if source.limits or target.limits:
            count_leg(draft.used, draft.limits, source, target, amount, reserving=reserving)
            if back:
                continue
            for limit_no in source.limits:
                if draft.limits[limit_no].counts_out(target):
                    limited[limit_no] = leg_no
    worst = NONE
    for account_no, leg_no in out.items():
        debits, credits, reserved, _ = counters[account_no]
        account = draft.account(account_no)
        if credits - debits - reserved < account.low:
            worst = min(worst, _fault(account.low_refusal(), leg_no))
    for account_no, leg_no in into.items():
        debits, credits, _, reserved = counters[account_no]
        account = draft.account(account_no)
        if credits - debits + reserved > account.high:
            worst = min(worst, _fault(account.high_refusal(), leg_no))
    for limit_no, leg_no in limited.items():
        limit = draft.limits[limit_no]
        if limit.tested and draft.used[limit_no] > limit.cap:
            worst = min(worst, _fault(_LIMIT, leg_no))
    return worst


def _overflow(draft: "Draft", resolved: Sequence[Resolved]) -> int:
    """Find the first leg that takes a counter past its end. The legs are in the counters already."""
    gone: dict[tuple[int, int], int] = {}
    first = len(resolved)
    for leg_no in range(len(resolved) - 1, -1, -1):
        source, target, amount = resolved[leg_no]
        for account, side in ((source, 0), (target, 1)):
            key, laid = (account.account_no, side), draft.counters[account.account_no]
            if laid[side] + laid[side + 2] - gone.get(key, 0) > COUNTER_MAX:
                first = leg_no
            gone[key] = gone.get(key, 0) + amount
    return _fault(Refusal.COUNTER_WOULD_OVERFLOW.code, first)


def transit_fault(draft: "Draft", resolved: Sequence[Resolved]) -> int:
    """Find a transit account that does not end at zero; its leg is the last that touches it."""
    touched: dict[int, int] = {}
    for leg_no, (source, target, _) in enumerate(resolved):
        for account in (source, target):
            if account.kind == AccountKind.TRANSIT:
                touched[account.account_no] = leg_no
    worst = NONE
    for account_no, leg_no in touched.items():
        debits, credits, out, into = draft.counters[account_no]
        if debits != credits or out != into:
            worst = min(worst, _fault(Refusal.TRANSIT_MUST_END_AT_ZERO.code, leg_no))
    return worst


def _asserts(draft: "Draft", asserts: Sequence[Assert]) -> int:
    """Test the asserts on the final overlay; an account that does not exist has no balance to hold."""
    worst = NONE
    for claim in asserts:
        if claim.kind == AssertKind.NOT_AFTER:
            if draft.at >= claim.value:
                worst = min(worst, _fault(Refusal.DEADLINE_HAS_PASSED.code, -1))
            continue
        account = draft.find(claim.account_no)
        if account is None or not _holds(draft, account, claim):
            worst = min(worst, _fault(Refusal.ASSERTION_DOES_NOT_HOLD.code, -1))
    return worst


def _holds(draft: "Draft", account: Account, claim: Assert) -> bool:
    if claim.kind == AssertKind.ACCOUNT_VERSION:
        return account.version == claim.value
    debits, credits, _, _ = draft.counters.get(account.account_no) or draft.touch(account)
    balance = debits - credits if account.kind in ISSUERS else credits - debits
    return balance == 0 if claim.kind == AssertKind.END_ZERO else balance >= claim.value
