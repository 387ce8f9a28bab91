"""Credit lines: who lends whom how much of which currency, what is drawn of it, how old that is, what it costs.

A line is given by the settlement agent of its currency, the lender. Three kinds:

intraday  to a participant, against collateral, to be unused at its time of repayment each day; what is used of it
          is what its account is below zero
member    to the settlement agent of another member: what that member may owe in the lender's currency; what is used
          is what its account for the line is below zero, in lots by date
swap      to the settlement agent of another member: the lender's currency against the borrower's, there and back;
          what is used are its draws, each with its amounts of the way back

Lots age by settlement date, oldest first in everything. Interest is counted per day on what is used at the close,
exactly, as a whole number of minor units and a rest in `INTEREST_DEN`ths of one.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec
from msgspec import Struct, field

from steelyard.values.instants import DAY, Day, Instant, civil
from steelyard.values.rate import Rounding, rounded
from steelyard.values.wide import packed, unpacked

WHOLE_BP = 10_000
DAYS_OF_YEAR = 360
INTEREST_DEN = WHOLE_BP * DAYS_OF_YEAR
NEAR_NUM, NEAR_DEN = 4, 5
"""From this share of the age limit on both sides are told."""
CASES_KEPT = 1_000
LOTS_MAX = 4_000
"""Lots that a line may have open at a time."""


class LineKind(StrEnum):
    """What a line is. The text stands in facts."""

    INTRADAY = "intraday"
    MEMBER = "member"
    SWAP = "swap"


class CaseKind(StrEnum):
    """What has gone wrong with credit: it was not repaid in time, or not given back at maturity."""

    OVERNIGHT_USE = "OVERNIGHT_USE"
    SWAP_NOT_REVERSED = "SWAP_NOT_REVERSED"


class Pledged(Struct, array_like=True, frozen=True, gc=False):
    """Something pledged: so many units of an asset at a price in minor units of the line's currency per unit."""

    asset: str
    quantity: int
    price_num: int
    price_den: int
    haircut_bp: int
    held: bytes = b""
    """The reservation that locks it, where its asset is booked here"""

    @property
    def value_minor(self) -> int:
        """Give what it counts for: price times quantity less the haircut, rounded down once.

        >>> Pledged("XS1", 1_000, 9_950, 100, 250).value_minor  # 99,500 less 2.5 %
        97012
        """
        worth = self.quantity * self.price_num * (WHOLE_BP - self.haircut_bp)
        return worth // (self.price_den * WHOLE_BP)


def collateral_minor(collateral: Iterable[Pledged]) -> int:
    """Give what all that is pledged counts for, each rounded down by itself."""
    return sum(each.value_minor for each in collateral)


class Terms(Struct, array_like=True, frozen=True):
    """On what terms a line is given. Times are instants, 0 for none; what a kind does not know stays at 0."""

    cap_minor: int
    rate_bp: int = 0
    from_at: Instant = 0
    to_at: Instant = 0
    repay_at: Instant = 0
    """intraday: when use must be zero for the first time; then each 24 hours"""
    collateral: tuple[Pledged, ...] = ()
    age_limit_days: int = 0
    """member: the age of a lot from which the line is closed for new use"""
    tenor_days: int = 0
    """swap: how long after its draw the reverse bundle is due"""
    margin_bp: int = 0
    """swap: what is pledged above the value of what is drawn"""
    rate_source: str = ""
    """swap: whose rate counts; empty: any that may be used for credit"""
    pledge_asset: str = ""
    """swap: the borrower's currency"""

    def most_minor(self, kind: LineKind) -> int:
        """Give how much may be used at most: an intraday line is bounded by its collateral too."""
        if kind is LineKind.INTRADAY:
            return min(self.cap_minor, collateral_minor(self.collateral))
        return self.cap_minor

    def widens(self, before: "Terms", kind: LineKind) -> bool:
        """Tell whether these terms raise or extend a line that was given on those before, or let its collateral go.

        >>> Terms(100, to_at=5).widens(Terms(100, to_at=9), LineKind.MEMBER)
        False
        >>> Terms(100).widens(Terms(100, to_at=9), LineKind.MEMBER)
        True
        """
        ends, ended = self.to_at or _EVER, before.to_at or _EVER
        return (
            self.cap_minor > before.cap_minor
            or self.most_minor(kind) > before.most_minor(kind)
            or self.from_at < before.from_at
            or ends > ended
            or self.repay_at > before.repay_at
            or self.age_limit_days > before.age_limit_days
            or self.tenor_days > before.tenor_days
            or self.margin_bp < before.margin_bp
            or (self.rate_source, self.pledge_asset) != (before.rate_source, before.pledge_asset)
            or self._lets_go(before)
        )

    def _lets_go(self, before: "Terms") -> bool:
        """Tell whether less of something is pledged than before, whatever comes in its place.

        A lower price or a larger haircut lets nothing go: it lowers the line.
        """
        left: dict[str, int] = {}
        for one in self.collateral:
            left[one.asset] = left.get(one.asset, 0) + one.quantity
        for one in before.collateral:
            left[one.asset] = left.get(one.asset, 0) - one.quantity
        return any(quantity < 0 for quantity in left.values())


_EVER = 1 << 62


class Lot(Struct, array_like=True):
    """One use of a member or swap line. `account_no` got the money; a swap knows what goes back, and when."""

    lot_no: int
    minor: int
    open_minor: int
    opened_on: Day
    account_no: int = 0
    cycle: bytes = b""
    pledged_minor: int = 0
    num: str = "0"
    den: str = "1"
    due_at: Instant = 0
    reverse_id: bytes = b""
    told: int = 0
    """how far both sides know of its age: 0 not at all, 1 near, 2 over"""

    def age(self, on: Day) -> int:
        """Give how many days old it is on a date."""
        return on - self.opened_on


class Accrued(Struct, array_like=True, frozen=True, gc=False):
    """Interest not yet rounded: minor units, and a rest in `INTEREST_DEN`ths of one; `due_minor` is rounded."""

    minor: int = 0
    rest: int = 0
    due_minor: int = 0

    def more(self, use_minor: int, rate_bp: int) -> "Accrued":
        """Give it with a day's interest on what was used at its close.

        >>> Accrued().more(1_000_000, 450)  # 4.5 % a year: 125 a day
        Accrued(minor=125, rest=0, due_minor=0)
        """
        minor, rest = divmod(self.rest + use_minor * rate_bp, INTEREST_DEN)
        return Accrued(self.minor + minor, rest, self.due_minor)

    def fixed(self) -> "Accrued":
        """Give it rounded once, half to even: what was counted is due."""
        whole = self.minor * INTEREST_DEN + self.rest
        return Accrued(0, 0, self.due_minor + rounded(whole, INTEREST_DEN, Rounding.HALF_EVEN))

    def paid(self) -> "Accrued":
        """Give it with nothing due."""
        return Accrued(self.minor, self.rest)


class Line(Struct, array_like=True):
    """One line, and what is used of it.

    `account_no` is the participant's settlement account (intraday), the member's account for the line (member) or
    where the pledge lies (swap). `owed` is what each account was given and has not repaid; `interest` what each
    account owes for it. `acts` counts the bundles booked for it, so that no two have one id.
    """

    line_id: bytes
    kind: LineKind
    lender: str
    borrower: str
    asset: str
    account_no: int
    terms: Terms
    open: bool = True
    repay_next_at: Instant = 0
    auto_draw: bool = False
    cycle_cap_minor: int = 0
    last_lot: int = 0
    acts: int = 0
    accrued_on: Day = -1
    lots: list[Lot] = field(default_factory=list)
    owed: dict[int, int] = field(default_factory=dict)
    interest: dict[int, Accrued] = field(default_factory=dict)
    held: list[bytes] = field(default_factory=list)
    """Reservations that lock its collateral, ascending"""

    def in_force(self, at: Instant) -> bool:
        """Tell whether it may be used by its times: an intraday line from its start to its repayment, each day."""
        terms = self.terms
        if not self.open or at < terms.from_at or (terms.to_at and at >= terms.to_at):
            return False
        is_intraday = self.kind is LineKind.INTRADAY
        return not is_intraday or (at - terms.from_at) % DAY < terms.repay_at - terms.from_at

    def next_turn(self, at: Instant) -> Instant:
        """Give when an intraday line next begins, is to be unused, or is over; 0 where nothing comes any more."""
        terms = self.terms
        if at < terms.from_at:
            return terms.from_at
        begun_at = at - (at - terms.from_at) % DAY
        turns = [begun_at + terms.repay_at - terms.from_at, begun_at + DAY]
        if terms.to_at:
            turns = [min(turn, terms.to_at) for turn in turns]
        return min((turn for turn in turns if turn > at), default=0)

    def seed(self, what: bytes) -> bytes:
        """Give what the id of its next bundle is made from."""
        return what + self.line_id + self.acts.to_bytes(8, "big")

    @property
    def lots_minor(self) -> int:
        """Give what its lots have open."""
        return sum(lot.open_minor for lot in self.lots)

    def drawn_in(self, cycle: bytes) -> int:
        """Give what is still open of the draws for a cycle."""
        return sum(lot.open_minor for lot in self.lots if lot.cycle == cycle)

    def too_old(self, on: Day) -> list[Lot]:
        """Give the lots that have reached the age limit, oldest first: they go into the surplus report."""
        limit = self.terms.age_limit_days
        return [lot for lot in self.lots if limit and lot.age(on) >= limit]

    def aged(self, on: Day) -> list[tuple[Lot, int]]:
        """Note how old lots are on a date, and give those of which both sides must be told: 1 near, 2 over."""
        limit, news = self.terms.age_limit_days, []
        for lot in self.lots:
            age = lot.age(on)
            level = 2 if age >= limit else 1 if NEAR_DEN * age >= NEAR_NUM * limit else 0
            if limit and level > lot.told:
                lot.told = level
                news.append((lot, level))
        return news

    def is_full(self, on: Day, account_no: int, cycle: bytes) -> bool:
        """Tell whether a draw would need one lot more than a line may have."""
        return len(self.lots) >= LOTS_MAX and self._same_day(on, account_no, cycle) is None

    def add(self, minor: int, on: Day, account_no: int = 0, cycle: bytes = b"") -> Lot:
        """Open a lot; what a member line lends to one account on one date, for one cycle, is one lot."""
        lot = self._same_day(on, account_no, cycle)
        if lot is not None:
            lot.minor += minor
            lot.open_minor += minor
            return lot
        self.last_lot += 1
        lot = Lot(self.last_lot, minor, minor, on, account_no, cycle)
        self.lots.append(lot)
        return lot

    def _same_day(self, on: Day, account_no: int, cycle: bytes) -> Lot | None:
        """Give the open lot of a member line that a draw would belong to, or None: interest asks for no other."""
        if self.kind is not LineKind.MEMBER:
            return None
        for lot in reversed(self.lots):
            if lot.opened_on != on:
                return None
            if (lot.account_no, lot.cycle) == (account_no, cycle):
                return lot
        return None

    def lot(self, lot_no: int) -> Lot | None:
        """Give a lot that is open, or None."""
        return next((lot for lot in self.lots if lot.lot_no == lot_no), None)

    def take(self, minor: int, *, first_no: int = 0) -> list[tuple[Lot, int]]:
        """Repay so much, the oldest lots first, but one that is named before them; give what was repaid of each."""
        taken = []
        for lot in sorted(self.lots, key=lambda lot: lot.lot_no != first_no):
            part = min(minor, lot.open_minor)
            if not part:
                break
            lot.open_minor -= part
            minor -= part
            taken.append((lot, part))
        self.lots = [lot for lot in self.lots if lot.open_minor]
        return taken

    def gave(self, account_no: int, minor: int) -> None:
        """Note that an account was given so much."""
        self.owed[account_no] = self.owed.get(account_no, 0) + minor

    def repaid(self, account_no: int, minor: int) -> None:
        """Note that an account has repaid so much of what it was given."""
        left = self.owed.get(account_no, 0) - minor
        if left > 0:
            self.owed[account_no] = left
        else:
            self.owed.pop(account_no, None)

    def accrue(self, uses: Iterable[tuple[int, int]], on: Day) -> None:
        """Count the interest of a date once, on (account that owes it, what it uses at the close)."""
        if on <= self.accrued_on:
            return
        self.accrued_on = on
        if self.terms.rate_bp:
            for account_no, use_minor in uses:
                self.interest[account_no] = self.interest_of(account_no).more(use_minor, self.terms.rate_bp)

    def interest_of(self, account_no: int) -> Accrued:
        """Give the interest that an account owes."""
        return self.interest.get(account_no, _NONE)


_NONE = Accrued()


def ends_a_month(on: Day) -> bool:
    """Tell whether a date is the last of its month.

    >>> from steelyard.values.instants import day_of
    >>> ends_a_month(day_of(2028, 2, 29)), ends_a_month(day_of(2028, 2, 28))
    (True, False)
    """
    return civil(on)[1] != civil(on + 1)[1]


class Case(Struct, array_like=True):
    """Something about a line that people must look after, until it is made good; `closed_at` is 0 till then."""

    case_id: bytes
    kind: CaseKind
    line_id: bytes
    lot_no: int
    minor: int
    opened_at: Instant
    closed_at: Instant = 0


Key = tuple[str, str, str, str]


class Credit:
    """All lines of a node, and the cases that are open about them; of those that are closed the newest."""

    __slots__ = ("_by_account", "_by_key", "cases", "lines", "open_cases")

    def __init__(self) -> None:
        self.lines: dict[bytes, Line] = {}
        self.cases: dict[bytes, Case] = {}
        self.open_cases: dict[bytes, Case] = {}
        self._by_key: dict[Key, Line] = {}
        self._by_account: dict[int, Line] = {}

    def put(self, line: Line) -> None:
        """Keep a new line."""
        self.lines[line.line_id] = line
        self._by_key[str(line.kind), line.lender, line.borrower, line.asset] = line
        if line.kind is LineKind.INTRADAY:
            self._by_account[line.account_no] = line

    def find(self, kind: LineKind, lender: str, borrower: str, asset: str) -> Line | None:
        """Give the line of a kind between two in a currency, or None."""
        return self._by_key.get((str(kind), lender, borrower, asset))

    def intraday(self, account_no: int) -> Line | None:
        """Give the intraday line of an account, or None."""
        return self._by_account.get(account_no)

    def of_asset(self, asset: str) -> list[Line]:
        """Give the lines in a currency, in a fixed order."""
        return [line for line in self.every() if line.asset == asset]

    def every(self) -> list[Line]:
        """Give all lines, in a fixed order."""
        return [self._by_key[key] for key in sorted(self._by_key)]

    def issued(self, asset: str) -> int:
        """Give what of a currency is out because of swaps, drawn or pledged: no reserve outside stands for it."""
        drawn = sum(line.lots_minor for line in self.of_asset(asset) if line.kind is LineKind.SWAP)
        pledged = sum(
            lot.pledged_minor
            for line in self.every()
            if line.kind is LineKind.SWAP and line.terms.pledge_asset == asset
            for lot in line.lots
        )
        return drawn + pledged

    def pledges(self, held: bytes) -> bool:
        """Tell whether a reservation locks the collateral of some line."""
        return any(held in line.held for line in self.lines.values())

    def owes(self, account_no: int) -> bool:
        """Tell whether an account has something from a line to repay, or interest to pay."""
        return any(account_no in line.owed or account_no in line.interest for line in self.lines.values())

    def case_of(self, line_id: bytes, lot_no: int = -1) -> Case | None:
        """Give the open case about a line (and lot, where one is named), or None."""
        for case_id in sorted(self.open_cases):
            case = self.open_cases[case_id]
            if case.line_id == line_id and lot_no in (-1, case.lot_no):
                return case
        return None

    def open_case(self, case: Case) -> None:
        """Keep a new case."""
        self.cases[case.case_id] = self.open_cases[case.case_id] = case

    def close_case(self, case: Case, at: Instant) -> None:
        """Let a case be over."""
        case.closed_at = at
        del self.open_cases[case.case_id]
        over = len(self.cases) - len(self.open_cases) - CASES_KEPT
        if over > 0:
            oldest = min(
                (one for one in self.cases.values() if one.closed_at),
                key=lambda one: (one.closed_at, one.case_id),
            )
            del self.cases[oldest.case_id]

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        lines = [(line, sorted(line.owed.items()), sorted(line.interest.items())) for line in self.every()]
        saved = _Saved(
            [(_bare(line), owed, interest) for line, owed, interest in lines],
            [self.cases[case_id] for case_id in sorted(self.cases)],
        )
        return packed(saved)

    @classmethod
    def decode(cls, data: bytes) -> "Credit":
        """Build what `encode` described."""
        credit = cls()
        saved = unpacked(data, _Saved)
        for line, owed, interest in saved.lines:
            line.owed, line.interest = dict(owed), dict(interest)
            credit.put(line)
        for case in saved.cases:
            credit.cases[case.case_id] = case
            if not case.closed_at:
                credit.open_cases[case.case_id] = case
        return credit


def _bare(line: Line) -> Line:
    """Give a line without what has no order of its own."""
    return msgspec.structs.replace(line, owed={}, interest={})


class _Saved(Struct, array_like=True, frozen=True):
    lines: list[tuple[Line, list[tuple[int, int]], list[tuple[int, Accrued]]]]
    cases: list[Case]
