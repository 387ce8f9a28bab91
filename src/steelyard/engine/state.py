"""The Engine: assets, owners, accounts, limits, reservations and the id window, and every way to change them.

A business fault is an answer, never an exception: acts give an `Act`, settings give a refusal or None. A
refused act changes nothing. Acts leave packed leg records, which the Machine takes with `take_records`.
The engine does no I/O, reads no clock, draws no random number and calls nobody back.
"""

from collections.abc import Sequence
from hashlib import sha256
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from steelyard.engine import bulk, codec, packed, settings, single
from steelyard.engine.accounts import Account, AccountKind, Balance, balance_of
from steelyard.engine.assets import AssetRow
from steelyard.engine.bundles import Bundle, Kind
from steelyard.engine.commands import EngineCommand, run
from steelyard.engine.draft import Draft
from steelyard.engine.ids import IDS_MAX, IdWindow
from steelyard.engine.legs import DONE, Act, Authority
from steelyard.engine.limits import Limit, LimitKind
from steelyard.engine.records import unpack_all
from steelyard.engine.reservations import Expiry, Reservation
from steelyard.values.asset import AssetClass
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal as AnyRefusal

ACCOUNTS_MAX = 1_000_000
RESERVATIONS_MAX = 500_000


class Outcome(NamedTuple):
    """What `Engine.apply` answers. `balances` are those of the accounts that the bundle touched.

    `position` is the place in its batch where a bundle of the bulk lane was first decided.
    """

    refusal: AnyRefusal | None
    leg: int
    at: Instant
    bundle_id: int
    position: int = 0
    replayed: bool = False
    balances: tuple[tuple[int, Balance], ...] = ()


class Engine:
    """All books of a node."""

    __slots__ = (
        "accounts",
        "accounts_max",
        "accounts_of",
        "asset_nos",
        "assets",
        "deadlines",
        "limits",
        "made",
        "names",
        "owner_nos",
        "owners",
        "records",
        "reservations",
        "reservations_max",
        "reversed",
        "window",
    )

    def __init__(
        self,
        *,
        accounts_max: int = ACCOUNTS_MAX,
        reservations_max: int = RESERVATIONS_MAX,
        ids_max: int = IDS_MAX,
    ) -> None:
        self.accounts_max, self.reservations_max = accounts_max, reservations_max
        self.assets: list[AssetRow | None] = [None]
        self.asset_nos: dict[str, int] = {}
        self.owners: list[str] = [""]
        self.owner_nos: dict[str, int] = {}
        self.accounts: list[Account | None] = [None]
        self.names: dict[str, int] = {}  # names in lower case
        self.limits: dict[int, Limit] = {}
        self.reservations: dict[int, Reservation] = {}
        self.made: dict[int, int] = {}  # owner -> its open reservations by hand or on the bulk lane
        self.accounts_of: dict[int, int] = {}  # owner -> accounts that it has or had
        self.deadlines: list[tuple[int, int]] = []  # heap of (deadline, bundle id); ended ones may linger
        self.window = IdWindow(ids_max)
        self.reversed: dict[int, tuple[int, ...]] = {}
        self.records: list[bytes] = []

    # Looking up

    def asset(self, asset_no: int) -> AssetRow | None:
        """Give an asset by number."""
        return self.assets[asset_no] if 0 < asset_no < len(self.assets) else None

    def asset_no(self, code: str) -> int | None:
        """Give the number of an asset by its code."""
        return self.asset_nos.get(code)

    def owner_no(self, owner: str) -> int | None:
        """Give the number of an owner, by which authority is compared."""
        return self.owner_nos.get(owner)

    def add_owner(self, owner: str) -> int:
        """Give the number of an owner, registering it if it is new."""
        owner_no = self.owner_nos.get(owner)
        if owner_no is None:
            owner_no = self.owner_nos[owner] = len(self.owners)
            self.owners.append(owner)
        return owner_no

    def account(self, account_no: int) -> Account | None:
        """Give an account by number; to be read, not written."""
        return self.accounts[account_no] if 0 < account_no < len(self.accounts) else None

    def account_no(self, name: str) -> int | None:
        """Give the number of an account by its exact name."""
        account_no = self.names.get(name.lower())
        account = self.accounts[account_no] if account_no else None
        return account_no if account is not None and account.name == name else None

    def balance(self, account_no: int) -> Balance:
        """Give what an account holds; it must exist."""
        account = self.accounts[account_no]
        assert account is not None
        return balance_of(account)

    def strained_residuals(self) -> list[int]:
        """Give the residual accounts that are past half their cap, either way: an alarm, not yet a refusal."""
        return [
            account.account_no
            for account in self.accounts[1:]
            if account and account.kind == AccountKind.RESIDUAL and 2 * abs(account.signed) > account.high
        ]

    def reservation(self, bundle_id: int) -> Reservation | None:
        """Give an open reservation."""
        return self.reservations.get(bundle_id)

    def count_made(self, reservation: Reservation, more: int) -> None:
        """Count a reservation with its owner, if that made it by hand (it serves itself) or on the bulk lane."""
        owner_no = reservation.maker
        if not owner_no:
            if reservation.kind != Kind.PURPOSE or reservation.reference != reservation.bundle_id:
                return
            source = self.account(reservation.legs[0][0])
            assert source is not None
            owner_no = source.owner_no
        count = self.made.get(owner_no, 0) + more
        if count:
            self.made[owner_no] = count
        else:
            del self.made[owner_no]

    def sender_of(self, records: bytes) -> int:
        """Give the owner of the first source of leg records: who sent them, if the bulk lane did."""
        account = self.account(next(unpack_all(records)).source)
        return account.owner_no if account else 0

    # Settings: each gives a number or None where done, else a refusal

    def open_asset(self, code: str, asset_class: AssetClass, *, scale: int, issuer: str) -> int | AnyRefusal:
        """Register an asset and its issuer; its number."""
        return settings.open_asset(self, code, asset_class, scale, issuer)

    def close_asset(self, asset_no: int) -> AnyRefusal | None:
        """Close an asset whose accounts are all empty."""
        return settings.close_asset(self, asset_no)

    def open_account(
        self,
        name: str,
        owner: str,
        asset_no: int,
        kind: AccountKind,
        *,
        floor: int = 0,
        ceiling: int | None = None,
        made_by: int = 0,
    ) -> int | AnyRefusal:
        """Register an account `owner/ASSET[/purpose]`; its number.

        An issuer's ceiling is its issuance cap. `made_by` is the kind of bundle that moves an escrow account.
        """
        return settings.open_account(self, name, owner, asset_no, kind, floor, ceiling, made_by)

    def change_account(
        self, account_no: int, *, floor: int, ceiling: int | None, people: int = 1
    ) -> AnyRefusal | None:
        """Set floor and ceiling; widening them takes two people."""
        return settings.change_account(self, account_no, floor, ceiling, people)

    def block(
        self, account_no: int, *, debits: bool = True, credits: bool = True, freeze: bool = False
    ) -> AnyRefusal | None:
        """Stop debits, credits or both; a freeze stops settling reservations too."""
        return settings.block(self, account_no, debits=debits, credits=credits, freeze=freeze)

    def unblock(self, account_no: int, *, people: int = 1) -> AnyRefusal | None:
        """Lift blocks and freeze; a freeze takes two people."""
        return settings.unblock(self, account_no, people)

    def close_account(self, account_no: int) -> AnyRefusal | None:
        """Close an empty account."""
        return settings.close_account(self, account_no)

    def open_limit(
        self, kind: LimitKind, asset_no: int, cap: int, *, owner: str = "", other: str = ""
    ) -> int | AnyRefusal:
        """Register a limit; its number. `owner` and `other` are the sides of a pair."""
        return settings.open_limit(self, kind, asset_no, cap, owner, other)

    def change_limit(self, limit_no: int, *, cap: int, tested: bool = True) -> AnyRefusal | None:
        """Set a limit's cap and whether it is tested."""
        return settings.change_limit(self, limit_no, cap, tested=tested)

    def attach_limit(self, limit_no: int, account_nos: Sequence[int]) -> AnyRefusal | None:
        """Let a limit count accounts."""
        return settings.attach_limit(self, limit_no, account_nos)

    def detach_limit(self, limit_no: int, account_no: int) -> AnyRefusal | None:
        """Let a limit no longer count an account."""
        return settings.detach_limit(self, limit_no, account_no)

    def reset_window(self, limit_no: int) -> AnyRefusal | None:
        """Open a new window of a pair or flow limit."""
        return settings.reset_window(self, limit_no)

    # Acts: checked in the order of the refusals, whole or not at all

    def draft(self, at: Instant) -> Draft:
        """Begin a draft: several acts checked one on top of the other, then `commit()` or drop it."""
        return Draft(self, at)

    def move(
        self, bundle: Bundle, *, at: Instant, authority: Authority, releasing: Sequence[int] = ()
    ) -> Act:
        """Move every leg of a bundle; reservations named in `releasing` are given back in the same act.

        `authority` are the owner numbers whose right the flow has checked.
        """
        if len(bundle.legs) == 1 and not releasing and single.move(self, bundle, authority, at):
            return DONE
        draft = Draft(self, at)
        act = draft.move(bundle, authority=authority, releasing=releasing)
        if act.refusal is None:
            draft.commit()
        return act

    def reserve(
        self, bundle: Bundle, *, at: Instant, authority: Authority, releasing: Sequence[int] = ()
    ) -> Act:
        """Reserve every leg of a bundle, under the same checks as `move`."""
        draft = Draft(self, at)
        act = draft.reserve(bundle, authority=authority, releasing=releasing)
        if act.refusal is None:
            draft.commit()
        return act

    def settle(self, bundle_id: int, amounts: Sequence[int] | None = None, *, at: Instant) -> Act:
        """Settle a reservation, whole or by an amount per leg; the rest is given back."""
        draft = Draft(self, at)
        return _written(draft, draft.settle(bundle_id, amounts))

    def release(self, bundle_id: int, *, at: Instant) -> Act:
        """Give a reservation back."""
        draft = Draft(self, at)
        return _written(draft, draft.release(bundle_id))

    def expire(self, bundle_id: int, *, at: Instant) -> Act:
        """Give a reservation back whose deadline is reached; what `due` names may be given here."""
        draft = Draft(self, at)
        return _written(draft, draft.expire(bundle_id))

    def pin(self, bundle_id: int, *, at: Instant) -> Act:
        """Take the deadline off a reservation."""
        draft = Draft(self, at)
        return _written(draft, draft.pin(bundle_id))

    def reverse(
        self, bundle: Bundle, original: bytes, amounts: Sequence[int], *, at: Instant, authority: Authority
    ) -> Act:
        """Move back what a bundle moved, `amounts` per leg of it (0 leaves a leg as it is).

        `original` are its leg records from the journal; they are compared with the digest that the id window
        keeps. Of `bundle` the id, policy, reference and asserts count; its kind becomes CORRECTION and its
        legs are made here, from target to source.
        """
        draft = Draft(self, at)
        return _written(draft, draft.reverse(bundle, original, amounts, authority=authority))

    def check_move(
        self, bundle: Bundle, *, at: Instant, authority: Authority, releasing: Sequence[int] = ()
    ) -> Act:
        """Give the answer that `move` would give, changing nothing."""
        return Draft(self, at).move(bundle, authority=authority, releasing=releasing)

    def check_reserve(
        self, bundle: Bundle, *, at: Instant, authority: Authority, releasing: Sequence[int] = ()
    ) -> Act:
        """Give the answer that `reserve` would give, changing nothing."""
        return Draft(self, at).reserve(bundle, authority=authority, releasing=releasing)

    def check_all(self, commands: Sequence[EngineCommand], *, at: Instant) -> tuple[int, Act]:
        """Check acts one on top of the other: the index of the first that is refused and its answer.

        Where none is, the index is the number of acts. `apply_all` gives the same answer and writes them.
        """
        return _run_all(Draft(self, at), commands)

    def apply_all(self, commands: Sequence[EngineCommand], *, at: Instant) -> tuple[int, Act]:
        """Apply acts together, all or none."""
        draft = Draft(self, at)
        index, act = _run_all(draft, commands)
        if act.refusal is None:
            draft.commit()
        return index, act

    def apply(self, command: EngineCommand | bulk.Sent, *, at: Instant) -> Outcome:
        """Apply one act, or one bundle of the bulk lane, and say what came of it."""
        if isinstance(command, bulk.Sent):
            answer, replayed = bulk.apply_sent(self, command, at)
            any_refusal, leg = bulk.outcome_parts(answer)
            touched = bulk.accounts_of(command.records)
            bundle_id, position = bulk.id_of(command.records), answer & 0xFFFFFFFF
        else:
            _, act = self.apply_all((command,), at=at)
            touched, bundle_id = list(command.accounts()), command.bundle_id
            (any_refusal, leg), position, replayed = act, 0, False
        known = [number for number in touched if self.account(number) is not None]
        balances = tuple((number, self.balance(number)) for number in sorted(set(known)))
        return Outcome(any_refusal, leg, at, bundle_id, position, replayed, balances)

    def apply_packed(
        self,
        records: bytes,
        *,
        first_at: Instant,
        sender: int,
        bars: bulk.Bars = bulk.NO_BARS,
        checked: bool = False,
    ) -> tuple[bytes, bytes]:
        """Apply a batch of the bulk lane for owner `sender`: 8 bytes of outcome per record, and leg records.

        Equal to `apply` of every bundle in turn, the bundle that begins at record i at `first_at + i`.
        `bars` is what the sender's flow forbids it; `checked` says that the door has found no fault of form.
        """
        return packed.apply_packed(
            self, records, first_at=first_at, sender=sender, bars=bars, checked=checked
        )

    def take_records(self) -> bytes:
        """Give the leg records since the last call, unstamped, and forget them."""
        if not self.records:
            return b""
        taken = b"".join(self.records)
        self.records.clear()
        return taken

    # Time

    def due(self, at: Instant, *, limit: int = 2000) -> list[Expiry]:
        """Give reservations whose deadline is reached, earliest first, then by id. Changes nothing."""
        reached: list[tuple[int, int]] = []
        while len(reached) < limit and self.next_due() is not None and self.deadlines[0][0] <= at:
            reached.append(heappop(self.deadlines))
        for entry in reached:
            heappush(self.deadlines, entry)
        found = [self.reservations[bundle_id] for _, bundle_id in reached]
        return [Expiry(r.deadline_at, r.bundle_id, r.kind, r.reference) for r in found]

    def next_due(self) -> Instant | None:
        """Give the earliest deadline of an open reservation, or None."""
        heap = self.deadlines
        while heap:
            deadline_at, bundle_id = heap[0]
            reservation = self.reservations.get(bundle_id)
            if reservation is not None and reservation.deadline_at == deadline_at:
                return deadline_at
            heappop(heap)
        return None

    def sweep_deadlines(self) -> None:
        """Drop ended reservations from the heap once they are the greater part of it."""
        if len(self.deadlines) > 1000 + 2 * len(self.reservations):
            self.deadlines = [
                (r.deadline_at, r.bundle_id) for r in self.reservations.values() if r.deadline_at
            ]
            heapify(self.deadlines)

    def keep_reversed(self, more: dict[int, tuple[int, ...]]) -> None:
        """Keep what was reversed, for as long as the window knows the original."""
        known = self.window.entries
        self.reversed = {id: gone for id, gone in (self.reversed | more).items() if id in known}

    # Bytes

    def encode(self) -> bytes:
        """Give canonical bytes: equal state, equal bytes."""
        return codec.encode(self)

    @classmethod
    def decode(cls, encoded: bytes) -> "Engine":
        """Build the engine that `encode` described."""
        engine = cls()
        codec.decode_into(engine, encoded)
        return engine

    def state_hash(self) -> bytes:
        """Give SHA-256 of `encode()`."""
        return sha256(self.encode()).digest()


def _written(draft: Draft, act: Act) -> Act:
    if act.refusal is None:
        draft.commit()
    return act


def _run_all(draft: Draft, commands: Sequence[EngineCommand]) -> tuple[int, Act]:
    act = Act()
    for index, command in enumerate(commands):
        act = run(draft, command)
        if act.refusal is not None:
            return index, act
    return len(commands), act
