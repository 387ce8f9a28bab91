"""The standard day: payments drawn from the trade between members, the same for one seed on every platform.

An importer's bank pays an exporter's. A pair of members carries its yearly trade / 250; how many payments it has
goes with value^0.7; their sizes are lognormal with sigma 2.2, scaled so that they sum to the pair's value. Banks
of a member are used by Zipf's law with exponent 0.9. The currency is the exporter's or the importer's, as a coin
falls. A share `fin` of the payments goes either way, as a coin falls: what banks and firms owe one another
beyond trade. Every amount is in US cents, whatever the currency: one unit of account for all.

A day is columns of numpy integers; payment n (from 0) has sequence number n + 1 and id "p" with that number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

import numpy as np

from steelyard.liquidity.queue import Queued
from steelyard.sim.draws import Ints, Stream, lognormal, root, shares
from steelyard.sim.trade import Trade, shipped

BUSINESS_DAYS = 250
WINDOW_S = 10 * 3600
OPENS_S = 8 * 3600
"""When the system opens, in seconds after midnight; what happens at 11:00 happens three hours later."""
SIGMA_MILLI = 2200
FLAT = (1,) * 20
DOUBLE_HUMP = (2, 3, 5, 7, 9, 10, 9, 7, 5, 4, 4, 5, 7, 8, 9, 8, 6, 4, 3, 2)
"""How much of a day is sent in each half hour of the window: a hump before noon, one after."""
ZONES = {
    "ARE": 4, "BRA": -3, "CHN": 8, "EGY": 2, "ETH": 3, "IDN": 7, "IND": 5, "IRN": 3, "RUS": 3, "SAU": 3, "ZAF": 2,
}  # fmt: skip
"""Whole hours by which a member's business day is ahead of UTC; India and Iran without their half hour."""

Split = Literal["none", "top1", "all"]
Curve = Literal["flat", "double_hump"]


@dataclass(frozen=True, slots=True)
class Day:
    """One day's payments in the order in which they are sent, as columns.

    `payer` and `payee` are places in `banks`, `currency` in `currencies`. `at_s` is seconds after the opening of
    the system, `close_s` when it closes, `opens_s` its opening on the clock. `bank_member` gives each bank's place
    in `members`, `homes` each member's currency.
    """

    banks: tuple[str, ...]
    bank_member: Ints
    members: tuple[str, ...]
    homes: tuple[str, ...]
    currencies: tuple[str, ...]
    payer: Ints
    payee: Ints
    currency: Ints
    amount_minor: Ints
    priority: Ints
    at_s: Ints
    close_s: int
    source: str
    opens_s: int = OPENS_S

    def __len__(self) -> int:
        return len(self.amount_minor)

    @property
    def gross_minor(self) -> int:
        """The sum of all amounts, over all currencies."""
        return int(self.amount_minor.sum())

    @property
    def digest(self) -> str:
        """SHA-256 over names and columns: days with the same digest are the same."""
        said = sha256()
        for names in (self.banks, self.members, self.homes, self.currencies):
            said.update("\0".join(names).encode() + b"\n")
        for column in (
            self.bank_member, self.payer, self.payee, self.currency, self.amount_minor, self.priority, self.at_s,
        ):  # fmt: skip
            said.update(column.astype("<i8").tobytes())
        said.update(str(self.close_s).encode())
        return said.hexdigest()

    def top_minor(self, currency: int | None = None) -> int:
        """Give the 99th percentile of amounts (nearest rank), of one currency or of all; 0 where there are none."""
        amounts = self.amount_minor if currency is None else self.amount_minor[self.currency == currency]
        ordered = np.sort(amounts)
        return int(ordered[-(-99 * len(ordered) // 100) - 1]) if len(ordered) else 0

    def divisible(self, split: Split, *, by_currency: bool = True) -> "np.typing.NDArray[np.bool_]":
        """Tell of each payment whether a part of it may settle: of none, the largest one in a hundred, or all."""
        if split != "top1":
            return np.full(len(self), split == "all")
        if not by_currency:
            return self.amount_minor > self.top_minor()
        caps = np.array([self.top_minor(number) for number in range(len(self.currencies))], dtype=np.int64)
        return self.amount_minor > caps[self.currency]

    def queued(
        self, currency: str | None = None, *, split: Split = "all", floor_minor: int = 0
    ) -> list[Queued]:
        """Give the payments as what the algorithms take: of one currency, or all as if there were only one."""
        may = self.divisible(split, by_currency=currency is not None).tolist()
        places = np.arange(len(self))
        if currency is not None:
            places = np.flatnonzero(self.currency == self.currencies.index(currency))
        payer, payee = self.payer.tolist(), self.payee.tolist()
        amount, priority = self.amount_minor.tolist(), self.priority.tolist()
        banks = self.banks
        return [
            Queued(f"p{n + 1}", banks[payer[n]], banks[payee[n]], amount[n], priority[n], n + 1, 0, may[n], floor_minor)
            for n in places.tolist()
        ]  # fmt: skip


def standard_day(
    seed: int, payments: int = 100_000, banks: int = 200, fin: float = 0.3, *,
    curve: Curve = "flat", zones: bool = False, trade: Trade | None = None,
) -> Day:  # fmt: skip
    """Draw one day. `banks` is how many there are in all, shared out evenly over the members.

    `fin` is cut to whole thousandths. With `zones` each member's window opens by its own clock (so the day of
    all lasts longer than ten hours), else all open together.
    """
    table = trade or shipped()
    per_member = shares(banks, [1] * len(table.members))
    firsts = [sum(per_member[:place]) for place in range(len(per_member))]
    fin_permille = round(fin * 1000)
    said = f"{table.name}/{seed}/{payments}/{banks}/{fin_permille}/{curve}/{zones}"
    payer_of, payee_of, native, amount = _corridors(table, payments, said)
    turned = (Stream(f"{said}/fin").below(1000, payments) < fin_permille) & (
        Stream(f"{said}/turn").below(2, payments) == 1
    )
    payer_m, payee_m = np.where(turned, payee_of, payer_of), np.where(turned, payer_of, payee_of)
    payer = _bank(Stream(f"{said}/payer"), payer_m, per_member, firsts)
    payee = _bank(Stream(f"{said}/payee"), payee_m, per_member, firsts)
    at_s, close_s = _times(Stream(f"{said}/time"), payments, curve)
    if zones:
        ahead = np.array([ZONES.get(member, 0) for member in table.members], dtype=np.int64)
        shift = (int(ahead.max()) - ahead) * 3600
        at_s, close_s = at_s + shift[payer_m], close_s + int(shift.max())
    by_time = np.lexsort((Stream(f"{said}/order").words(payments), at_s))
    names = tuple(f"{member}{n:02d}" for member, n in _names(table.members, per_member))
    return Day(
        banks=names, bank_member=np.repeat(np.arange(len(per_member)), per_member),
        members=table.members, homes=table.currencies, currencies=tuple(sorted(set(table.currencies))),
        payer=payer[by_time], payee=payee[by_time], currency=native[by_time], amount_minor=amount[by_time],
        priority=np.full(payments, 2, dtype=np.int64), at_s=at_s[by_time], close_s=close_s, source=said,
    )  # fmt: skip


def _names(members: tuple[str, ...], per_member: list[int]) -> Iterator[tuple[str, int]]:
    for member, count in zip(members, per_member, strict=True):
        for number in range(1, count + 1):
            yield member, number


def _corridors(table: Trade, payments: int, said: str) -> tuple[Ints, Ints, Ints, Ints]:
    """Give per payment the importer, the exporter, the currency and the amount, corridor by corridor."""
    place = {member: number for number, member in enumerate(table.members)}
    coin = {code: number for number, code in enumerate(sorted(set(table.currencies)))}
    pairs = sorted(pair for pair, cents in table.cents.items() if cents >= BUSINESS_DAYS)
    values = [table.cents[pair] // BUSINESS_DAYS for pair in pairs]
    counts = shares(payments, [root(value**7, 10) for value in values])
    exporter = np.repeat(np.array([place[a] for a, _ in pairs], dtype=np.int64), counts)
    importer = np.repeat(np.array([place[b] for _, b in pairs], dtype=np.int64), counts)
    homes = np.array([coin[code] for code in table.currencies], dtype=np.int64)
    side = Stream(f"{said}/currency").below(2, payments) == 1
    sizes = lognormal(Stream(f"{said}/size"), payments, sigma_milli=SIGMA_MILLI).tolist()
    amounts: list[int] = []
    for value, count in zip(values, counts, strict=True):
        mine = sizes[len(amounts) : len(amounts) + count]
        whole = sum(mine)
        amounts.extend(max(value * size // whole, 1) for size in mine)
    native = homes[np.where(side, exporter, importer)]
    return importer, exporter, native, np.array(amounts, dtype=np.int64)


def _bank(stream: Stream, member: Ints, per_member: list[int], firsts: list[int]) -> Ints:
    """Draw a bank of each payment's member, the k-th in proportion to k^-0.9."""
    bank = np.zeros(len(member), dtype=np.int64)
    for place, (count, first) in enumerate(zip(per_member, firsts, strict=True)):
        mine = np.flatnonzero(member == place)
        weights = [root(10**120 // rank**9, 10) for rank in range(1, count + 1)]
        bank[mine] = first + stream.by_weight(weights, len(mine))
    return bank


def _times(stream: Stream, payments: int, curve: Curve) -> tuple[Ints, int]:
    half_hours = stream.by_weight(list(FLAT if curve == "flat" else DOUBLE_HUMP), payments)
    return half_hours * 1800 + stream.below(1800, payments), WINDOW_S
