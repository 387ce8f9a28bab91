"""The clearing house: all that a node knows of its central counterparty, and what follows from it.

Money is the engine's: margin, fund, clearing, liquidity and capital accounts. Here are positions, what they need,
runs, claims, requirements on the fund and cases. The house itself holds a position under `HOUSE` only between the
cover of a default and the run after it: what the defaulter's portfolio has lost, for which the waterfall has paid.

Everything is bounded. A refusal changes nothing.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct, field, structs

from steelyard.market.clearing import positions
from steelyard.market.clearing.collateral import WHOLE_BP, Accepted
from steelyard.market.clearing.default import Case, Sale
from steelyard.market.clearing.positions import KG_PER_PRICE, Book, Position, Terms
from steelyard.market.clearing.variation import Owed, Run
from steelyard.market.refusals.clearing import ClearingRefusal as No
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Day
from steelyard.values.refusal import Refusal
from steelyard.values.wide import packed, unpacked

HOUSE = "operator"
"""Under whose name the house stands in a run"""
MEMBERS_MAX, CONTRACTS_MAX, CASES_MAX, OWED_MAX = 2_000, 5_000, 100, 10_000
OVER_MAX = 20
LOTS_END, PRICE_END, COST_END = 10**9, 10**10, 10**17
VALUE_END = 10**16
"""A position is worth less, in minor units, at its cost and by its scan range: so every sum fits its place"""


class Desk(Struct, array_like=True, frozen=True, gc=False):
    """How a currency is cleared. The sponsor, a participant, provides liquidity and capital of the house in it.

    Payers have `collect_ms` to pay in a run, and `grace_ms` more before the operator is told that a claim is open.
    """

    asset: str
    sponsor: str
    collect_ms: int
    grace_ms: int
    assessments_bp: int = WHOLE_BP
    """how often, in ten-thousandths, a survivor's share may be asked for once more; at most 10,000"""
    least_minor: int = 0
    """smallest share of the default fund"""
    non_bidders_first: bool = False
    """shares of members that made no bid for the portfolio are used up before the others'"""


class ClearingMember(Struct, array_like=True, frozen=True, gc=False):
    """A member of the house. Members of one group count together for limits and in a stress."""

    bic: str
    group: str
    joined_on: Day
    suspended: bool = False
    expelled: bool = False
    """Its default has ended so: it is suspended for good, and takes what is left of its money out"""


class Modelled(Struct, array_like=True, frozen=True, gc=False):
    """What a model asks of a member in a currency, for these positions and no others."""

    minor: int
    positions: bytes


class Model(Struct, array_like=True, frozen=True, gc=False):
    """Which model has spoken last in a currency, and the SHA-256 of its inputs."""

    version: str
    inputs: bytes
    on: Day


class Clearing:
    """The state of the house."""

    __slots__ = (
        "_groups",
        "accepted",
        "averages",
        "book",
        "cases",
        "cover",
        "days",
        "desks",
        "fund",
        "kept",
        "members",
        "modelled",
        "models",
        "next_number",
        "over_cases",
        "over_runs",
        "owed",
        "reductions",
        "runs",
        "settle",
        "terms",
    )  # fmt: skip

    next_number: int
    desks: dict[str, Desk]
    terms: dict[str, Terms]
    members: dict[str, ClearingMember]
    book: Book
    settle: dict[str, int]
    models: dict[str, Model]
    modelled: dict[str, dict[str, Modelled]]
    accepted: dict[str, Accepted]
    runs: dict[str, Run]
    over_runs: list[Run]
    owed: list[Owed]
    averages: dict[str, dict[str, int]]
    days: dict[str, int]
    fund: dict[str, dict[str, int]]
    cover: dict[str, int]
    kept: dict[str, dict[str, int]]
    cases: dict[str, Case]
    reductions: dict[str, Case]
    over_cases: list[Case]
    _groups: dict[str, dict[str, None]]
    """members by group: follows from `members`"""

    def __init__(self) -> None:
        self._load(_Saved())

    # What is known

    def put_terms(self, terms: Terms) -> Refusal | None:
        """Let a contract be cleared, or change its terms."""
        old = self.terms.get(terms.contract)
        if not self._sound(terms):
            return No.CLEARING_TERMS_OUT_OF_RANGE
        size = (terms.asset, terms.unit_kg, terms.commodity)
        if (
            old is not None
            and terms.contract in self.book
            and size != (old.asset, old.unit_kg, old.commodity)
        ):
            return No.CLEARING_CONTRACT_HAS_POSITIONS
        if old is None and len(self.terms) >= CONTRACTS_MAX:
            return No.CLEARING_IS_FULL
        held = self.book.get(terms.contract, {}).values()
        if not all(_fits(terms, one.lots, one.cost) for one in held):
            return No.CLEARING_TERMS_OUT_OF_RANGE
        self.terms[terms.contract] = terms
        return None

    def _sound(self, terms: Terms) -> bool:
        """Check bounds, and that a commodity has lots of one size in a currency."""
        numbers = (terms.unit_kg, terms.tick_minor, terms.scan_range_minor)
        least = (
            terms.spread_minor, terms.limit_lots, terms.delivery_limit_lots, terms.delivery_bp, terms.median_lots
        )  # fmt: skip
        lower = not terms.delivery_limit_lots or not 0 < terms.limit_lots < terms.delivery_limit_lots
        peers = (
            one.unit_kg == terms.unit_kg
            for one in self.terms.values()
            if (one.commodity, one.asset) == (terms.commodity, terms.asset) and one.contract != terms.contract
        )
        return (
            bool(terms.contract and terms.commodity and terms.asset)
            and all(0 < one < PRICE_END for one in numbers)
            and all(0 <= one < PRICE_END for one in least)
            and lower
            and all(peers)
        )

    def join(self, bic: str, group: str, on: Day) -> Refusal | None:
        """Let a participant be a member, with its group; who is one already stays as he is."""
        if bic in self.members:
            return None
        if len(self.members) >= MEMBERS_MAX:
            return No.CLEARING_IS_FULL
        self.members[bic] = ClearingMember(bic, group or bic, on)
        self._groups.setdefault(group or bic, {})[bic] = None
        return None

    def regroup(self, bic: str, group: str) -> None:
        """Let a member count with another group, alone where it is empty; who is none is no matter."""
        old = self.members.get(bic)
        if old is not None:
            del self._groups[old.group][bic]
            self.members[bic] = structs.replace(old, group=group or bic)
            self._groups.setdefault(group or bic, {})[bic] = None

    def entangled(self, bic: str) -> bool:
        """Tell whether a member holds or has lost or gained anything that is not settled."""
        return (
            any(bic in held for held in self.book.values())
            or any(bic in run.due or bic in run.gain for run in self.runs.values())
            or any(one.member == bic or bic in one.unpaid for one in self.owed)
            or any(bic in kept for kept in self.kept.values())
            or any(
                bic in (one.member, *(bid.member for bid in one.bids))
                for one in (*self.cases.values(), *self.reductions.values())
            )
        )

    def leave(self, bic: str) -> None:
        """Let a member go that nothing holds any more; who is none is no matter."""
        gone = self.members.pop(bic, None)
        if gone is not None:
            del self._groups[gone.group][bic]
        for parts in (*self.fund.values(), *self.averages.values()):
            parts.pop(bic, None)

    def suspend(self, bic: str, *, suspended: bool) -> None:
        """Let a member add no position any more, or again."""
        self.members[bic] = structs.replace(self.members[bic], suspended=suspended)

    def expel(self, bic: str) -> None:
        """Let a member be one for nothing but what is left of its money: it owes the fund no share any more."""
        self.members[bic] = structs.replace(self.members[bic], suspended=True, expelled=True)
        for parts in (*self.fund.values(), *self.averages.values()):
            parts.pop(bic, None)

    def readmit(self, bic: str) -> None:
        """Let a member trade again whose default is over."""
        self.members[bic] = structs.replace(self.members[bic], suspended=False, expelled=False)

    # Trades

    def refuse_trade(
        self, contract: str, buyer: str, seller: str, lots: int, price: int, on: Day
    ) -> Refusal | None:
        """Tell why a trade cannot be cleared, margin apart, or None."""
        terms = self.terms.get(contract)
        if terms is None:
            return No.CLEARING_CONTRACT_UNKNOWN
        if buyer not in self.members or seller not in self.members:
            return No.CLEARING_MEMBER_NOT_FOUND
        if not 0 < lots < LOTS_END or abs(price) >= PRICE_END:
            return No.CLEARING_LOTS_OUT_OF_RANGE
        for member, change in ((buyer, lots), (seller, -lots)):
            held = positions.of(self.book, contract, member)
            if not _fits(terms, held.lots + change, held.cost + change * price):
                return No.CLEARING_LOTS_OUT_OF_RANGE
            if self.members[member].suspended and abs(held.lots + change) > abs(held.lots):
                return No.CLEARING_MEMBER_IS_SUSPENDED
        same = self.members[buyer].group == self.members[seller].group
        for member, change in () if same else ((buyer, lots), (seller, -lots)):
            if positions.exceeds(self.group_lots(contract, member), change, terms.limit(on)):
                return No.CLEARING_POSITION_LIMIT
        return None

    def novate(self, contract: str, buyer: str, seller: str, lots: int, price: int, on: Day = 0) -> None:
        """Make two positions of a trade of a day that nothing stands against."""
        positions.novate(self.book, contract, buyer=buyer, seller=seller, lots=lots, price=price, on=on)

    def fits(self, member: str, sales: Iterable[Sale]) -> bool:
        """Tell whether others may take all this over from a member: nobody's position gets too large."""
        changed: dict[tuple[str, str], Position] = {}
        for one in sales:
            for name, lots in ((one.member, one.lots), (member, -one.lots)):
                key = one.contract, name
                old = changed.get(key) or positions.of(self.book, one.contract, name)
                changed[key] = Position(old.lots + lots, old.cost + lots * one.price)
        return all(_fits(self.terms[contract], one.lots, one.cost) for (contract, _), one in changed.items())

    def takes(self, contract: str, lots: int, price: int) -> bool:
        """Tell whether so many lots of a contract may be worth so much."""
        return abs(price) < PRICE_END and _fits(self.terms[contract], lots, lots * price)

    def take_over(self, member: str, sale: Sale, on: Day = 0) -> None:
        """Let another take lots over from a member, at a price, on a day."""
        positions.add(self.book, sale.contract, sale.member, sale.lots, sale.price, on)
        positions.add(self.book, sale.contract, member, -sale.lots, sale.price)

    def group_lots(self, contract: str, member: str) -> int:
        """Give the lots that a member's group holds of a contract, net."""
        held = self.book.get(contract, {})
        return sum([held[name].lots for name in self._groups[self.members[member].group] if name in held])

    def excess(self, contract: str, member: str, on: Day) -> int:
        """Give the lots (below zero: sold) of a member by which its group stands above a limit, 0 for none."""
        group, limit = self.group_lots(contract, member), self.terms[contract].limit(on)
        held = positions.of(self.book, contract, member).lots
        if not limit or abs(group) <= limit or held * group <= 0:
            return 0
        lots = min(abs(group) - limit, abs(held))
        return lots if group > 0 else -lots

    def above_limit(self, on: Day, *, only: str = "") -> list[tuple[str, str, int]]:
        """Give (contract, group, lots above its limit) of those that a lowered limit makes reduce, in order."""
        found = []
        for contract in [only] if only else sorted(self.book):
            limit = self.terms[contract].limit(on)
            groups: dict[str, int] = {}
            for name, one in sorted(self.book.get(contract, {}).items()):
                if name in self.members:
                    group = self.members[name].group
                    groups[group] = groups.get(group, 0) + one.lots
            found += [
                (contract, group, abs(groups[group]) - limit)
                for group in sorted(groups)
                if limit and abs(groups[group]) > limit
            ]
        return found

    # Variation margin

    def refuse_prices(self, asset: str, prices: Mapping[str, int]) -> Refusal | None:
        """Tell why a run cannot be made at these prices, or None."""
        if asset in self.runs:
            return No.MARGIN_RUN_IS_OPEN
        mine = [contract for contract in sorted(self.book) if self.terms[contract].asset == asset]
        if not mine or sorted(prices) != mine:
            return No.MARGIN_PRICES_INCOMPLETE
        for contract, price in prices.items():
            terms, held = self.terms[contract], self.book[contract].values()
            if price % terms.tick_minor or not all(_fits(terms, one.lots, one.lots * price) for one in held):
                return No.MARGIN_PRICES_INCOMPLETE
        if not all(abs(minor) < AMOUNT_END for minor in self.gains(prices).values()):
            return No.MARGIN_PRICES_INCOMPLETE
        return None

    def gains(self, prices: Mapping[str, int]) -> dict[str, int]:
        """Give what each gains as these contracts are marked; sums to zero."""
        total: dict[str, int] = {}
        for contract in sorted(prices):
            for member, minor in positions.gains(self.book, self.terms[contract], prices[contract]).items():
                total[member] = total.get(member, 0) + minor
        return total

    def mark(self, prices: Mapping[str, int]) -> None:
        """Let contracts stand at their settlement prices."""
        for contract in sorted(prices):
            positions.mark(self.book, contract, prices[contract])
            self.settle[contract] = prices[contract]

    def end_run(self, run: Run) -> None:
        """Keep a run that is over among the last of them."""
        del self.runs[run.asset]
        self.over_runs = [*self.over_runs, run][-OVER_MAX:]

    def owe(self, claim: Owed) -> None:
        """Keep a claim; where there are as many as the house keeps, as part of the last one of the same payer."""
        mine = self.owed_by(claim.member, claim.asset)
        if len(self.owed) < OWED_MAX or not mine:
            self.owed.append(claim)
            return
        last = mine[-1]
        last.advanced_minor += claim.advanced_minor
        for gainer, minor in claim.unpaid.items():
            last.unpaid[gainer] = last.unpaid.get(gainer, 0) + minor

    def owed_by(self, member: str, asset: str = "") -> list[Owed]:
        """Give a member's claims that are open, oldest first."""
        return [one for one in self.owed if one.member == member and asset in ("", one.asset)]

    def keep(self, asset: str, amounts: Mapping[str, int]) -> None:
        """Note what lies on the clearing account for members, more or (below zero) less."""
        kept = self.kept.pop(asset, {})
        for member, minor in amounts.items():
            kept[member] = kept.get(member, 0) + minor
        kept = {member: minor for member, minor in kept.items() if minor}
        if kept:
            self.kept[asset] = kept

    # Defaults

    def end_case(self, case: Case) -> None:
        """Keep a case that is over among the last of them."""
        if case.contract:
            del self.reductions[f"{case.contract}/{case.member}"]
        else:
            del self.cases[case.member]
        self.over_cases = [*self.over_cases, case][-OVER_MAX:]

    def number(self) -> int:
        """Give the next number of a run or case."""
        self.next_number += 1
        return self.next_number - 1

    # Bytes

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return packed(_Saved(*[getattr(self, name) for name in _Saved.__struct_fields__]), ordered=True)

    @classmethod
    def decode(cls, data: bytes) -> "Clearing":
        """Build what `encode` described."""
        house = cls.__new__(cls)
        house._load(unpacked(data, _Saved))
        return house

    def _load(self, saved: "_Saved") -> None:
        for name in _Saved.__struct_fields__:
            setattr(self, name, getattr(saved, name))
        self._groups = {}
        for member in self.members.values():
            self._groups.setdefault(member.group, {})[member.bic] = None


def _fits(terms: Terms, lots: int, cost: int) -> bool:
    """Tell whether a position may be so large."""
    worth = max(abs(cost), abs(lots) * terms.scan_range_minor) * terms.unit_kg
    return abs(lots) < LOTS_END and abs(cost) < COST_END and worth < VALUE_END * KG_PER_PRICE


class _Saved(Struct, array_like=True):
    next_number: int = 1
    desks: dict[str, Desk] = field(default_factory=dict)
    terms: dict[str, Terms] = field(default_factory=dict)
    members: dict[str, ClearingMember] = field(default_factory=dict)
    book: Book = field(default_factory=dict)
    settle: dict[str, int] = field(default_factory=dict)
    """last settlement price by contract"""
    models: dict[str, Model] = field(default_factory=dict)
    modelled: dict[str, dict[str, Modelled]] = field(default_factory=dict)
    accepted: dict[str, Accepted] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    """by currency: the run that is open"""
    over_runs: list[Run] = field(default_factory=list)
    owed: list[Owed] = field(default_factory=list)
    averages: dict[str, dict[str, int]] = field(default_factory=dict)
    """by currency, member: sum of the margins of the days that `days` counts"""
    days: dict[str, int] = field(default_factory=dict)
    fund: dict[str, dict[str, int]] = field(default_factory=dict)
    """by currency, member: what it must have in the default fund"""
    cover: dict[str, int] = field(default_factory=dict)
    """by currency: what lies on the clearing account for the house's own position"""
    kept: dict[str, dict[str, int]] = field(default_factory=dict)
    """by currency, member: what lies on the clearing account because no account of his took it"""
    cases: dict[str, Case] = field(default_factory=dict)
    """by member: the case that is open"""
    reductions: dict[str, Case] = field(default_factory=dict)
    """by contract and member: what is sold because it stands above a limit"""
    over_cases: list[Case] = field(default_factory=list)
