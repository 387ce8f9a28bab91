"""One leg between two plain accounts, the commonest move of all, written without a draft.

It only ever says yes: whatever is not plainly allowed, and every refusal, goes the way of all bundles. So what it
does is what a draft would have done, to the byte.
"""

from hashlib import sha256
from typing import TYPE_CHECKING

from steelyard.engine.bundles import Bundle, Kind, Policy
from steelyard.engine.draft import entry
from steelyard.engine.legs import Authority
from steelyard.engine.records import LAST, LAYOUT, MOVE
from steelyard.engine.reservations import Ending
from steelyard.engine.runs import FAR, IN_STOPS, OUT_STOPS
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Instant

if TYPE_CHECKING:
    from steelyard.engine.state import Engine

_NO_ID = bytes(16)
_EACH_LEG, _CYCLE, _MOVED = int(Policy.EACH_LEG), int(Kind.CYCLE), int(Ending.MOVED)
_pack = LAYOUT.pack


def move(engine: "Engine", bundle: Bundle, authority: Authority, at: Instant) -> bool:
    """Move a bundle of one leg, or say that nothing was done."""
    source_no, target_no, amount, asset_no = bundle.legs[0]
    accounts, bundle_id, kind = engine.accounts, bundle.bundle_id, bundle.kind
    count = len(accounts)
    if (
        not 0 < source_no < count
        or not 0 < target_no < count
        or source_no == target_no
        or not 0 < amount < AMOUNT_END
        or asset_no
        or bundle.policy != _EACH_LEG
        or kind == _CYCLE
        or bundle.asserts
        or bundle.references
        or not bundle_id
        or bundle_id in engine.window.entries
        or bundle_id in engine.reservations
    ):
        return False
    source, target = accounts[source_no], accounts[target_no]
    if (
        source is None
        or target is None
        or source.gate & OUT_STOPS
        or target.gate & IN_STOPS
        or source.asset_no != target.asset_no
        or source.owner_no not in authority
    ):
        return False
    debits, credits = source.debits_settled + amount, target.credits_settled + amount
    if (
        source.credits_settled - debits - source.debits_reserved < source.low
        or credits - target.debits_settled + target.credits_reserved > target.high
        or debits > FAR
        or credits > FAR
    ):
        return False
    record = _pack(
        bundle_id.to_bytes(16, "little"), 0, 0, 0, source_no, target_no, amount, at,
        bundle.reference.to_bytes(16, "little"), source.asset_no, MOVE, _EACH_LEG, kind, _NO_ID, 0, 0, LAST,
    )  # fmt: skip
    source.debits_settled, target.credits_settled = debits, credits
    engine.records.append(record)
    engine.window.put_number(bundle_id, entry(sha256(record).digest()[:16], _MOVED))
    return True
