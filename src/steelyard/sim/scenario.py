"""What is to be simulated, read from TOML: a wrong file is refused with the place and the rule, never guessed at.

Amounts are whole minor units. Fractions (alpha, share, fin) are read as exact decimals. Times are HH:MM on
the day's own clock; a drawn day opens at 08:00, a file's at the full hour before its first payment.
"""

import re
import tomllib
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from steelyard.sim.faults import said
from steelyard.sim.mechanisms import STANDARD, Mechanism
from steelyard.sim.mechanisms import fault as mechanism_fault

BANKS_MOST, PAYMENTS_MOST = 10_000, 10_000_000
DIGITS_MOST = 18
"""Digits before and after the point of a number"""
ALPHAS = (Decimal("-0.5"), Decimal(0), Decimal("0.25"))


class ScenarioIsWrong(Exception):
    """A scenario or a file of payments cannot be used; the text names the place and the rule."""


class World(Struct, frozen=True, forbid_unknown_fields=True):
    """Who takes part: `members` by code (all of the trade table where none), `banks` in all, one `seed`."""

    members: tuple[str, ...] = ()
    banks: int = 200
    seed: int = 1


class Columns(Struct, frozen=True, forbid_unknown_fields=True):
    """Headings of a file of payments. Amounts are minor units, times ISO instants, HH:MM:SS or seconds."""

    id: str = "id"
    payer: str = "payer"
    payee: str = "payee"
    currency: str = "currency"
    amount: str = "amount_minor"
    at: str = "at"
    priority: str = "priority"
    payer_member: str = "payer_member"
    payee_member: str = "payee_member"


class Data(Struct, frozen=True, forbid_unknown_fields=True):
    """Where payments come from: drawn from `trade`, or the file `path`.

    `rates` is the value of one minor unit of each currency of a file in units of account; wanted as soon as
    there are two.
    """

    source: Literal["synthetic", "file"] = "synthetic"
    payments: int = 100_000
    fin: Decimal = Decimal("0.3")
    curve: Literal["flat", "double_hump"] = "flat"
    zones: bool = False
    trade: str = "goods-2023"
    path: str = ""
    columns: Columns = Columns()
    rates: dict[str, Decimal] = {}


class Liquidity(Struct, frozen=True, forbid_unknown_fields=True):
    """How much money each account starts with.

    alpha: A8's lower bound + alpha x (upper - lower), for alpha < 0 lower x (1 + alpha). share: of the lower
    bound, rounded up. absolute: the same for every account, or as `accounts` says ("BANK/CCY"). unlimited: no
    bound, which measures what each mechanism needs.
    """

    start: Literal["alpha", "share", "absolute", "unlimited"] = "alpha"
    alpha: Decimal | tuple[Decimal, ...] = ALPHAS
    share: Decimal = Decimal("0.25")
    absolute_minor: int = 0
    accounts: dict[str, int] = {}


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """Limits that every participant sets: net outflow of a day to one counterparty, and to all together."""

    bilateral_minor: int | None = None
    multilateral_minor: int | None = None


class Credit(Struct, frozen=True, forbid_unknown_fields=True):
    """Intraday lines: for every account the same cap, or as `accounts` says ("BANK/CCY", or BANK for a pool)."""

    cap_minor: int = 0
    accounts: dict[str, int] = {}


EventKind = Literal[
    "outage", "corridor_closed", "member_exits", "rate_jump", "late_funds", "provider_leaves"
]  # fmt: skip


class Event(Struct, frozen=True, forbid_unknown_fields=True):
    """What goes wrong at a time of the day. `who` is a bank, a member, a corridor ("BRA-CHN") or a currency."""

    at: str
    kind: EventKind
    who: str
    until: str = ""


class Behaviour(Struct, frozen=True, forbid_unknown_fields=True):
    """How participants send.

    prompt: at once. hold_back: `share` of the banks send everything in the last quarter of the day. threshold:
    every bank keeps `share` of its opening money back until the last hour.
    """

    kind: Literal["prompt", "hold_back", "threshold"] = "prompt"
    share: Decimal = Decimal(0)


class Expect(Struct, frozen=True, forbid_unknown_fields=True):
    """What a result must show: `key` of the row of `mechanism` (every row where empty) at `alpha`."""

    key: str
    op: Literal["<", "<=", "==", ">=", ">"]
    value: Decimal | int
    mechanism: str = ""
    alpha: Decimal | None = None

    @property
    def where(self) -> str:
        """Say of which runs it is expected."""
        level = "" if self.alpha is None else f" at alpha {self.alpha}"
        return (self.mechanism or "every mechanism") + level


class Scenario(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to simulate; everything has a default, so that an empty file is the standard day."""

    name: str = ""
    world: World = World()
    data: Data = Data()
    liquidity: Liquidity = Liquidity()
    mechanism: dict[str, Mechanism] = {}
    limits: Limits = Limits()
    credit: Credit = Credit()
    event: tuple[Event, ...] = ()
    behaviour: Behaviour = Behaviour()
    expect: tuple[Expect, ...] = ()

    @property
    def mechanisms(self) -> dict[str, Mechanism]:
        """What is run: the scenario's own, or the standard table."""
        return self.mechanism or STANDARD

    @property
    def alphas(self) -> tuple[Decimal, ...]:
        """The levels of money that are run; one that means nothing where the start is not by alpha."""
        alpha = self.liquidity.alpha
        if self.liquidity.start != "alpha":
            return (Decimal(0),)
        return alpha if isinstance(alpha, tuple) else (alpha,)


KINDS: dict[str, type[Struct]] = {
    "": Scenario, "world": World, "data": Data, "data.columns": Columns, "liquidity": Liquidity,
    "limits": Limits, "credit": Credit, "behaviour": Behaviour, "event": Event, "expect": Expect,
    "mechanism": Mechanism,
}  # fmt: skip
"""What stands in each table of a scenario."""


def load(path: Path) -> Scenario:
    """Read a scenario from a file."""
    try:
        text = path.read_text("utf-8")
    except OSError as fault:
        raise ScenarioIsWrong(f"{path}: cannot be read: {(fault.strerror or 'unknown').lower()}") from fault
    except UnicodeDecodeError as fault:
        raise ScenarioIsWrong(f"{path}: cannot be read: it is no UTF-8 text") from fault
    scenario = read(text, name=str(path))
    if scenario.data.source == "file" and not Path(scenario.data.path).is_absolute():
        data = msgspec.structs.replace(scenario.data, path=str(path.parent / scenario.data.path))
        scenario = msgspec.structs.replace(scenario, data=data)
    return scenario


def read(text: str, *, name: str = "scenario") -> Scenario:
    """Read a scenario from text; `name` stands in every refusal."""
    try:
        tables = tomllib.loads(text, parse_float=_decimal)
    except ValueError as fault:  # of TOML too
        raise ScenarioIsWrong(f"{name}: {fault}") from fault
    try:
        scenario = msgspec.convert(tables, Scenario, strict=True, dec_hook=_exact)
    except msgspec.ValidationError as fault:
        raise ScenarioIsWrong(f"{name}{said(str(fault), text, KINDS, _wrong_mechanism(tables))}") from fault
    check(scenario, name)
    return scenario


def _wrong_mechanism(tables: dict[str, Any]) -> str:
    """Give the name of the first mechanism that is not well-formed, where there is one."""
    mechanisms = tables.get("mechanism")
    for name, table in mechanisms.items() if isinstance(mechanisms, dict) else ():
        try:
            msgspec.convert(table, Mechanism, strict=True, dec_hook=_exact)
        except msgspec.ValidationError:
            return str(name)
    return ""


def check(scenario: Scenario, name: str) -> None:
    """Raise ScenarioIsWrong where a well-formed scenario breaks a rule."""
    said = next((rule for rule in _broken(scenario) if rule), "")
    if said:
        raise ScenarioIsWrong(f"{name}: {said}")


def _decimal(text: str) -> Decimal:
    """Read a number that can be counted with: neither endless nor beyond all measure."""
    found = Decimal(text.replace("_", ""))
    if not found.is_finite() or found.adjusted() > DIGITS_MOST or found.as_tuple().exponent < -DIGITS_MOST:  # type: ignore[operator]
        raise ValueError(f"{text} is no number to count with")
    return found


def _exact(kind: type, value: Any) -> Any:
    raise NotImplementedError(kind)


def _broken(scenario: Scenario) -> "list[str]":
    """Give the rules that a well-formed scenario breaks, in order."""
    world, data, liquidity = scenario.world, scenario.data, scenario.liquidity
    said = [
        "" if 2 <= world.banks <= BANKS_MOST else f"[world] banks: at least two, at most {BANKS_MOST:,}",
        "" if 0 <= data.payments <= PAYMENTS_MOST else f"[data] payments: not below 0, at most {PAYMENTS_MOST:,}",
        "" if 0 <= data.fin <= 1 else "[data] fin: a share between 0 and 1",
        "" if (data.source == "file") == bool(data.path) else "[data] path: for source file, and only there",
        "" if liquidity.share >= 0 else "[liquidity] share: not below 0",
        "" if liquidity.absolute_minor >= 0 else "[liquidity] absolute_minor: not below 0",
        *("" if value >= -1 else "[liquidity] alpha: not below -1" for value in scenario.alphas),
        *("" if v >= 0 else f"[liquidity.accounts] {k}: not below 0" for k, v in liquidity.accounts.items()),
        *("" if v >= 0 else f"[credit.accounts] {k}: not below 0" for k, v in scenario.credit.accounts.items()),
        "" if scenario.credit.cap_minor >= 0 else "[credit] cap_minor: not below 0",
        *("" if cap is None or cap >= 0 else "[limits]: not below 0"
          for cap in (scenario.limits.bilateral_minor, scenario.limits.multilateral_minor)),
        "" if 0 <= scenario.behaviour.share <= 1 else "[behaviour] share: between 0 and 1",
        *(f"[data.rates] {code}: three capitals and a value above 0" for code, value in data.rates.items()
          if not re.fullmatch("[A-Z]{3}", code) or value <= 0),
    ]  # fmt: skip
    for name, mechanism in scenario.mechanism.items():
        fault = mechanism_fault(mechanism)
        said.append(f"[mechanism.{name}] {fault}" if fault else "")
        said.append(
            ""
            if re.fullmatch(r"[A-Za-z0-9._-]+", name)
            else f"[mechanism.{name}] a name of letters and digits"
        )
    for number, event in enumerate(scenario.event, 1):
        for what, text in (("at", event.at), ("until", event.until)):
            if (text or what == "at") and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
                said.append(f"[[event]] {number}: {what}: HH:MM")
        if event.until and event.until <= event.at:
            said.append(f"[[event]] {number}: until is after at")
    names = set(scenario.mechanisms)
    for number, expect in enumerate(scenario.expect, 1):
        if expect.mechanism and expect.mechanism not in names:
            said.append(f"[[expect]] {number}: there is no mechanism {expect.mechanism}")
    return said


def exact(value: Decimal) -> Fraction:
    """Give a decimal as a ratio."""
    return Fraction(value)
