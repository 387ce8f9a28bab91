"""Money in and out: fundings, redemptions, what the reserve accounts outside say, and what is stopped.

A reserve account is compared item by item. `ours` is what was booked here and no statement has shown yet,
`theirs` what a statement has shown and is not booked here; what people have ruled on is in `ruled_minor`. So
at any statement: closing = issuer balance + theirs - ours + ruled. What does not fit stands in `unlike`; while
a currency has an entry in `stopped`, nothing is issued in it.
"""

from collections import OrderedDict

import msgspec
from msgspec import Struct

from steelyard.members.fundings import Funding, FundingState
from steelyard.members.redemptions import FINAL, Redemption
from steelyard.values.instants import Instant

KEPT_MAX = 100_000
STATEMENTS_MAX = 1_000
SUM_MAX = 2**62
"""What sums over statements may come to, either way: well within what a snapshot can hold."""
_OPEN = (FundingState.ASKED, FundingState.LISTED)
_encode = msgspec.msgpack.Encoder(order="deterministic").encode


class Booked(Struct, array_like=True, frozen=True):
    """One movement of a reserve account, in positive, out negative."""

    amount_minor: int
    at: Instant


class Unlike(Struct, array_like=True, frozen=True):
    """Something that does not fit: `reference` names it outside, `why` is a word of this release."""

    asset: str
    why: str
    reference: str
    at: Instant
    ours_minor: int = 0
    theirs_minor: int = 0


class Money:
    """All of a node's dealings with the reserve accounts outside."""

    __slots__ = (
        "_asked",
        "_under_way",
        "_unlike_keys",
        "advices",
        "fundings",
        "ours",
        "redemptions",
        "ruled_minor",
        "statements",
        "stopped",
        "theirs",
        "unlike",
    )

    def __init__(self) -> None:
        self.fundings: OrderedDict[bytes, Funding] = OrderedDict()
        self.redemptions: OrderedDict[bytes, Redemption] = OrderedDict()
        self._asked: dict[str, dict[bytes, None]] = {}  # participant -> requests that wait, oldest first
        self._under_way: dict[str, dict[bytes, None]] = {}  # participant -> redemptions not over
        self.advices: dict[tuple[str, str], bytes] = {}  # (asset, advice id) -> funding
        self.ours: dict[str, dict[str, Booked]] = {}
        self.theirs: dict[str, dict[str, int]] = {}
        self.ruled_minor: dict[str, int] = {}
        self.unlike: list[Unlike] = []
        self._unlike_keys: set[tuple[str, str, str]] = set()
        self.stopped: dict[str, str] = {}
        self.statements: dict[str, list[str]] = {}

    def put_funding(self, funding: Funding) -> None:
        """Keep a funding; of those that are over only the newest are remembered."""
        self.fundings[funding.id] = funding
        _list(self._asked, funding.participant, funding.id, is_in=funding.state is FundingState.ASKED)
        if funding.advice:
            self.advices[(funding.asset, funding.advice)] = funding.id
        if len(self.fundings) > KEPT_MAX:
            old = next((one for one in self.fundings.values() if one.state not in _OPEN), None)
            if old is not None:
                del self.fundings[old.id]
                self.advices.pop((old.asset, old.advice), None)

    def put_redemption(self, redemption: Redemption) -> None:
        """Keep a redemption; of those that are over only the newest are remembered."""
        self.redemptions[redemption.id] = redemption
        _list(self._under_way, redemption.participant, redemption.id, is_in=redemption.state not in FINAL)
        if len(self.redemptions) > KEPT_MAX:
            old = next((one for one in self.redemptions.values() if one.state in FINAL), None)
            if old is not None:
                del self.redemptions[old.id]

    def advised(self, asset: str, advice: str) -> Funding | None:
        """Give the funding that an advice became, or None where the advice is new."""
        id = self.advices.get((asset, advice))
        return None if id is None else self.fundings[id]

    def waiting_fundings(self, participant: str) -> int:
        """Give how many requests of a participant wait for their money."""
        return len(self._asked.get(participant, ()))

    def waiting_redemptions(self, participant: str) -> int:
        """Give how many redemptions of a participant are under way."""
        return len(self._under_way.get(participant, ()))

    def under_way(self, participant: str) -> list[Redemption]:
        """Give a participant's redemptions that are not over, oldest first."""
        return [self.redemptions[id] for id in self._under_way.get(participant, ())]

    def asked(self, participant: str, asset: str, amount_minor: int) -> Funding | None:
        """Give the oldest request that waits for an advice like this: of this amount first, else of any."""
        all_assets = [self.fundings[id] for id in self._asked.get(participant, ())]
        waiting = [one for one in all_assets if one.asset == asset]
        same = [one for one in waiting if one.asked_minor == amount_minor]
        return next(iter(same or waiting), None)

    def book(self, asset: str, reference: str, amount_minor: int, at: Instant) -> None:
        """Note a movement booked here: a statement has shown it, or the next one must."""
        theirs = self.theirs.get(asset, {})
        if theirs.get(reference) == amount_minor:
            del theirs[reference]
            return
        self.ours.setdefault(asset, {})[reference] = Booked(amount_minor, at)

    def differs(self, unlike: Unlike, *, stop: bool) -> bool:
        """Note once what does not fit, and stop issuing if the rule says so; False where it was known."""
        if stop:
            self.stopped.setdefault(unlike.asset, unlike.why)
        key = _key(unlike)
        if key in self._unlike_keys:
            return False
        self._unlike_keys.add(key)
        self.unlike.append(unlike)
        return True

    def expected(self, asset: str, issued_minor: int) -> int:
        """Give the closing balance that a statement should show now."""
        theirs = sum(self.theirs.get(asset, {}).values())
        ours = sum(one.amount_minor for one in self.ours.get(asset, {}).values())
        return _bounded(issued_minor + theirs - ours + self.ruled_minor.get(asset, 0))

    def clear(self, asset: str) -> list[Unlike]:
        """Take what did not fit in a currency as it is, since people have ruled on it; issuing goes on.

        An item that only one side has will not come on the other any more; a closing balance that differed
        counts as right from here on.
        """
        cleared = [one for one in self.unlike if one.asset == asset]
        self.unlike = [one for one in self.unlike if one.asset != asset]
        self._unlike_keys = {_key(one) for one in self.unlike}
        self.stopped.pop(asset, None)
        ruled = self.ruled_minor.get(asset, 0)
        closing = 0
        for one in cleared:
            ours = self.ours.get(asset, {}).pop(one.reference, None)
            ruled += self.theirs.get(asset, {}).pop(one.reference, 0)
            ruled -= ours.amount_minor if ours is not None else 0
            if one.why == "CLOSING_DIFFERS":
                closing = one.theirs_minor - one.ours_minor
        self.ruled_minor[asset] = _bounded(ruled + closing)
        return cleared

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        saved = _Saved(
            list(self.fundings.values()), list(self.redemptions.values()), self.ours, self.theirs,
            self.ruled_minor, self.unlike, self.stopped, self.statements,
        )  # fmt: skip
        return _encode(saved)

    @classmethod
    def decode(cls, data: bytes) -> "Money":
        """Build what `encode` described."""
        saved = msgspec.msgpack.decode(data, type=_Saved)
        money = cls()
        for funding in saved.fundings:
            money.put_funding(funding)
        for redemption in saved.redemptions:
            money.put_redemption(redemption)
        money.ours, money.theirs, money.ruled_minor = saved.ours, saved.theirs, saved.ruled_minor
        money.unlike, money.stopped, money.statements = saved.unlike, saved.stopped, saved.statements
        money._unlike_keys = {_key(one) for one in money.unlike}
        return money


def _list(lists: dict[str, dict[bytes, None]], owner: str, id: bytes, *, is_in: bool) -> None:
    """Put an id into its owner's list at the end, if it is not there, or take it out."""
    if is_in:
        lists.setdefault(owner, {})[id] = None
        return
    mine = lists.get(owner, {})
    mine.pop(id, None)
    if not mine:
        lists.pop(owner, None)


def _key(unlike: Unlike) -> tuple[str, str, str]:
    return unlike.asset, unlike.why, unlike.reference


def _bounded(minor: int) -> int:
    return max(-SUM_MAX, min(minor, SUM_MAX))


class _Saved(Struct, array_like=True, frozen=True):
    fundings: list[Funding]
    redemptions: list[Redemption]
    ours: dict[str, dict[str, Booked]]
    theirs: dict[str, dict[str, int]]
    ruled_minor: dict[str, int]
    unlike: list[Unlike]
    stopped: dict[str, str]
    statements: dict[str, list[str]]
