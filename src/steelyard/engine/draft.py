"""A draft: acts laid over the engine without touching it, then written whole or dropped.

Everything that moves money goes through a draft: an act reads the counters with the draft's own changes on
top, so that several acts of one command can be checked together. After a refusal the draft is spent: it can
only be dropped. No undo log exists, because nothing is written before `commit`.
"""

from collections.abc import Sequence
from hashlib import sha256
from heapq import heappush
from typing import TYPE_CHECKING

from steelyard.engine import columns, many, reservations
from steelyard.engine.accounts import Account
from steelyard.engine.bundles import Bundle, book
from steelyard.engine.ids import IdWindow
from steelyard.engine.legs import DONE, Act, Authority, Kind, Leg, Resolved, resolve
from steelyard.engine.limits import Limit, Used, windows_of
from steelyard.engine.records import (
    LAST,
    LAYOUT,
    MOVE,
    PIN,
    RESERVE,
    SETTLE,
    as_sent,
    unpack_all,
    unstamped,
    with_references,
)
from steelyard.engine.refusals import Refusal
from steelyard.engine.reservations import NEEDS_NO_DEADLINE, Ending, Reservation
from steelyard.values.instants import Instant

if TYPE_CHECKING:
    from steelyard.engine.state import Engine

Counters = dict[int, list[int]]
"""Debits settled, credits settled, debits reserved, credits reserved, by account number."""

_pack = LAYOUT.pack
_NO_ID = bytes(16)
TAG_SHIFT = 60


def entry(digest: bytes, ending: int, outcome: int = 0) -> bytes:
    """Give the 24 bytes that the id window keeps of a bundle."""
    return digest + (ending << TAG_SHIFT | outcome).to_bytes(8, "little")


class Draft:
    """Acts of one command at one instant, not yet written."""

    __slots__ = (
        "_opened",
        "_records",
        "_removed",
        "_reversed",
        "_window",
        "at",
        "counters",
        "engine",
        "limits",
        "refused",
        "used",
    )

    def __init__(self, engine: "Engine", at: Instant) -> None:
        self.engine = engine
        self.at = at
        self.counters: Counters = {}
        self.used: Used = {}
        self.limits: dict[int, Limit] = engine.limits
        self.refused = False
        self._opened: dict[int, Reservation] = {}
        self._removed: dict[int, Ending] = {}
        self._window: dict[int, bytes] = {}
        self._reversed: dict[int, tuple[int, ...]] = {}
        self._records: list[bytes] = []

    # What acts read

    def account(self, account_no: int) -> Account:
        """Give an account that exists."""
        account = self.engine.accounts[account_no]
        assert account is not None
        return account

    def find(self, account_no: int) -> Account | None:
        """Give an account, or None."""
        accounts = self.engine.accounts
        return accounts[account_no] if 0 < account_no < len(accounts) else None

    def touch(self, account: Account) -> list[int]:
        """Lay an account's counters into the draft."""
        laid = self.counters[account.account_no] = [
            account.debits_settled,
            account.credits_settled,
            account.debits_reserved,
            account.credits_reserved,
        ]
        return laid

    def reservation(self, bundle_id: int) -> Reservation | None:
        """Give an open reservation as the draft leaves it."""
        if bundle_id in self._opened:
            return self._opened[bundle_id]
        return None if bundle_id in self._removed else self.engine.reservations.get(bundle_id)

    def ending(self, bundle_id: int) -> Ending:
        """Give what is known of a bundle that is no open reservation."""
        if bundle_id in self._removed:
            return self._removed[bundle_id]
        found = self._window.get(bundle_id) or self.engine.window.entries.get(bundle_id)
        return Ending(found[23] >> 4) if found else Ending.NOTHING

    # Acts

    def move(self, bundle: Bundle, *, authority: Authority, releasing: Sequence[int] = ()) -> Act:
        """Move every leg at once, or say why not; `releasing` reservations are given back first."""
        return self._bundle(bundle, authority, releasing, reserving=False)

    def reserve(self, bundle: Bundle, *, authority: Authority, releasing: Sequence[int] = ()) -> Act:
        """Hold every leg's amount for a later settle, or say why not."""
        return self._bundle(bundle, authority, releasing, reserving=True)

    def settle(self, bundle_id: int, amounts: Sequence[int] | None = None) -> Act:
        """End a reservation by moving it, whole or in part."""
        return self._end(reservations.settle(self, bundle_id, amounts))

    def release(self, bundle_id: int) -> Act:
        """End a reservation by giving it back."""
        return self._end(reservations.release(self, bundle_id))

    def release_all(self, ids: Sequence[int]) -> bool:
        """End many reservations by giving them back; False: nothing laid, one by one tells what is in the way."""
        kept = many.release(self, ids)
        if kept is None:
            return False
        self._removed.update(dict.fromkeys(ids, Ending.RELEASED))
        self._window.update(kept)
        return True

    def reserve_all(self, bundles: Sequence[Bundle]) -> bool:
        """Hold many amounts, a leg each, on the authority of who owns its source; False as in `release_all`."""
        made = many.reserve(self, bundles)
        if made is None:
            return False
        self._opened.update(made[0])
        self._window.update(made[1])
        return True

    def expire(self, bundle_id: int) -> Act:
        """End a reservation whose deadline is reached."""
        return self._end(reservations.expire(self, bundle_id))

    def pin(self, bundle_id: int) -> Act:
        """Take the deadline off a reservation."""
        return self._end(reservations.pin(self, bundle_id))

    def reverse(
        self, bundle: Bundle, original: bytes, amounts: Sequence[int], *, authority: Authority
    ) -> Act:
        """Move back, leg by leg, what the bundle with these leg records moved; see `Engine.reverse`."""
        amounts = tuple(amounts)
        if len(original) % 128 or not original:
            return self._end(Act(Refusal.ORIGINAL_NOT_FOUND))
        rows = list(unpack_all(original))
        original_id = rows[0].bundle_id
        if not self._is_original(original_id, original):
            return self._end(Act(Refusal.ORIGINAL_NOT_FOUND))
        before = self._reversed.get(original_id) or self.engine.reversed.get(original_id)
        before = before or (0,) * len(rows)
        if len(amounts) != len(rows):
            return self._end(Act(Refusal.REVERSAL_EXCEEDS_ORIGINAL))
        for leg_no, (row, gone, amount) in enumerate(zip(rows, before, amounts, strict=True)):
            if amount < 0 or gone + amount > row.amount_minor:
                return self._end(Act(Refusal.REVERSAL_EXCEEDS_ORIGINAL, leg_no))
        back = tuple(
            Leg(row.target, row.source, amount, row.asset_no)
            for row, amount in zip(rows, amounts, strict=True)
            if amount
        )
        made = Bundle(
            bundle.bundle_id, Kind.CORRECTION, back, bundle.policy, bundle.reference, 0, bundle.asserts
        )
        act = self._bundle(made, authority, (), reserving=False, original_id=original_id)
        if act is DONE:
            self._reversed[original_id] = tuple(g + a for g, a in zip(before, amounts, strict=True))
        return act

    def _is_original(self, bundle_id: int, records: bytes) -> bool:
        """Say whether these are the leg records that the bundle left, as far as the window remembers it."""
        found = self._window.get(bundle_id) or self.engine.window.entries.get(bundle_id)
        if found is None or found[23] >> 4 not in (Ending.MOVED, Ending.SETTLED):
            return False
        if found[:16] == sha256(unstamped(records)).digest()[:16]:
            return True
        sender = self.engine.sender_of(records)
        return found[:16] == content_digest(as_sent(records), sender)

    def _bundle(
        self,
        bundle: Bundle,
        authority: Authority,
        releasing: Sequence[int],
        *,
        reserving: bool,
        original_id: int = 0,
    ) -> Act:
        """Check one bundle in the order of the refusals and lay it into the draft."""
        engine = self.engine
        bundle_id = bundle.bundle_id
        if not bundle_id:
            return self._end(Act(Refusal.ID_IS_ZERO))
        if bundle_id in engine.window.entries or bundle_id in self._window or self.reservation(bundle_id):
            return self._end(Act(Refusal.ID_REUSED_WITH_OTHER_CONTENT))
        if not (reserving or releasing or original_id):
            laid = columns.move(self, bundle, authority)
            if laid is not None:
                self._records.append(laid)
                self._window[bundle_id] = entry(sha256(laid).digest()[:16], Ending.MOVED)
                return DONE
        resolved = resolve(bundle.legs, engine.accounts, bundle.kind, authority, engine.owner_nos)
        if isinstance(resolved, Act):
            return self._end(resolved)
        for reservation_id in releasing:
            act = reservations.release(self, reservation_id)
            if act is not DONE:
                return self._end(act)
        act = self.lay(bundle, resolved, reserving=reserving)
        if act is not DONE:
            return self._end(act)
        records = self.pack(bundle, resolved, RESERVE if reserving else MOVE, original_id)
        digest = sha256(records).digest()[:16]
        self._window[bundle_id] = entry(digest, Ending.RESERVED if reserving else Ending.MOVED)
        return DONE

    def lay(self, bundle: Bundle, resolved: Sequence[Resolved], *, reserving: bool, maker: int = 0) -> Act:
        """Lay a bundle's legs over the counters, and open its reservation if it is one."""
        act = book(self, bundle, resolved, reserving=reserving)
        if not reserving:
            return act
        late = bundle.deadline_at <= self.at and (bundle.deadline_at or bundle.kind not in NEEDS_NO_DEADLINE)
        if late:
            return Act(Refusal.DEADLINE_HAS_PASSED)
        if self._is_full() and (act.refusal is None or act.refusal.code > Refusal.STATE_IS_FULL.code):
            return Act(Refusal.STATE_IS_FULL)
        if act is DONE:
            limits = self.limits
            legs = tuple(
                (s.account_no, t.account_no, amount, windows_of(limits, s, t) if s.limits else ())
                for s, t, amount in resolved
            )
            self._opened[bundle.bundle_id] = Reservation(
                bundle.bundle_id,
                int(bundle.kind),
                int(bundle.policy),
                bundle.reference,
                bundle.deadline_at,
                maker,
                legs,
            )
        return act

    def _is_full(self) -> bool:
        """Say whether no further reservation has a place."""
        held, most = self.engine.reservations, self.engine.reservations_max
        if len(held) + len(self._opened) < most:
            return False
        fresh = sum(bundle_id not in held for bundle_id in self._opened)
        return len(held) + fresh - len(self._removed) >= most

    def knows_none(self, ids: set[int]) -> bool:
        """Tell whether nothing in the draft is about any of these ids."""
        return all(each.keys().isdisjoint(ids) for each in (self._opened, self._removed, self._window))

    def has_room_for(self, more: int) -> bool:
        """Tell whether so many more reservations have a place for certain."""
        held = len(self.engine.reservations) + len(self._opened) - len(self._removed)
        return held + more <= self.engine.reservations_max

    # What acts write

    def add_records(self, records: bytes) -> None:
        """Add leg records that are packed already."""
        self._records.append(records)

    def pack(self, bundle: Bundle, resolved: Sequence[Resolved], act: int, original_id: int = 0) -> bytes:
        """Add the leg records of a bundle and give their bytes."""
        id = bundle.bundle_id.to_bytes(16, "little")
        reference = bundle.reference.to_bytes(16, "little") if bundle.reference else _NO_ID
        original = original_id.to_bytes(16, "little") if original_id else _NO_ID
        at, policy, kind, deadline = self.at, bundle.policy, bundle.kind, bundle.deadline_at
        if act == MOVE:
            deadline = 0
        last = len(resolved) - 1
        records = b"".join(
            [
                _pack(
                    id, 0, 0, leg_no, source.account_no, target.account_no, amount, at, reference,
                    source.asset_no, act, policy, kind, original, 0, deadline, 0 if leg_no < last else LAST,
                )
                for leg_no, (source, target, amount) in enumerate(resolved)
            ]
        )  # fmt: skip
        if bundle.references and act == MOVE:
            records = with_references(records, bundle.references)
        self._records.append(records)
        return records

    def write(
        self,
        reservation: Reservation,
        act: int,
        amounts: Sequence[int] | None,
        ending: Ending,
        *,
        act_id: int = 0,
    ) -> None:
        """Add the leg records of what was done with a reservation, and keep how it stands now.

        `act_id` is the id of the act on the bulk lane; a flow's act goes under the reservation's own id.
        """
        original = reservation.bundle_id.to_bytes(16, "little")
        id = act_id.to_bytes(16, "little") if act_id else original
        reference = reservation.reference.to_bytes(16, "little")
        last = len(reservation.legs) - 1
        parts = []
        for leg_no, (source_no, target_no, reserved, _) in enumerate(reservation.legs):
            amount = 0 if amounts is None else amounts[leg_no]
            released = 0 if amounts is None else reserved - amount
            parts.append(
                _pack(
                    id, 0, 0, leg_no, source_no, target_no, amount, self.at, reference,
                    self.account(source_no).asset_no, act, reservation.policy, reservation.kind, original,
                    released, reservation.deadline_at, 0 if leg_no < last else LAST,
                )
            )  # fmt: skip
        records = b"".join(parts)
        self._records.append(records)
        self._keep(reservation, act, ending, records)

    def _keep(self, reservation: Reservation, act: int, ending: Ending, records: bytes) -> None:
        bundle_id = reservation.bundle_id
        if act == PIN:
            self._opened[bundle_id] = reservation
            return
        fresh = self._opened.pop(bundle_id, None)
        if fresh is None or bundle_id in self.engine.reservations:
            self._removed[bundle_id] = ending
        known = self._window.get(bundle_id) or self.engine.window.entries.get(bundle_id)
        if known is None:
            return
        if (
            reservation.maker or act != SETTLE
        ):  # the digest is that of what was sent, or of nothing that moved
            outcome = int.from_bytes(known[16:], "little") & ((1 << TAG_SHIFT) - 1)
            self._window[bundle_id] = entry(known[:16], ending, outcome)
        else:
            self._window[bundle_id] = entry(sha256(records).digest()[:16], ending)

    def know(self, bundle_id: int, kept: bytes) -> None:
        """Keep 24 bytes for an id of the bulk lane."""
        self._window[bundle_id] = kept

    def _end(self, act: Act) -> Act:
        if act.refusal is not None:
            self.refused = True
        return act

    def commit(self) -> None:
        """Write all that was laid. A draft that met a refusal is not written."""
        if self.refused:
            raise ValueError("a refused draft is dropped, not written")
        engine = self.engine
        accounts = engine.accounts
        for account_no, laid in self.counters.items():
            account = accounts[account_no]
            assert account is not None
            (
                account.debits_settled,
                account.credits_settled,
                account.debits_reserved,
                account.credits_reserved,
            ) = laid
        for limit_no, used in self.used.items():
            self.limits[limit_no].used = used
        for bundle_id in self._removed:
            engine.count_made(engine.reservations.pop(bundle_id), -1)
        for bundle_id, reservation in self._opened.items():
            if bundle_id not in engine.reservations:  # else it is pinned: known, without its deadline
                engine.count_made(reservation, 1)
            engine.reservations[bundle_id] = reservation
            if reservation.deadline_at:
                heappush(engine.deadlines, (reservation.deadline_at, bundle_id))
        if self._opened:
            engine.sweep_deadlines()
        window: IdWindow = engine.window
        entries = window.entries
        for bundle_id, kept in self._window.items():
            if bundle_id in entries:
                entries[bundle_id] = kept
            else:
                window.put_number(bundle_id, kept)
        if self._reversed:
            engine.keep_reversed(self._reversed)
        engine.records.extend(self._records)


def content_digest(sent: bytes, sender: int) -> bytes:
    """Give the 16 bytes by which a bundle of the bulk lane is known again: its sender and what it sent."""
    return sha256(sender.to_bytes(4, "little") + sent).digest()[:16]
