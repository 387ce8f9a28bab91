"""A profile file: TOML that refines a built-in profile and says who takes part. Unknown keys are an error.

The caller reads the file; this turns its text into a `Setting` and a setting into the `Context` of a check.
"""

from datetime import date
from typing import Literal

import msgspec
from msgspec import Struct

from steelyard.iso20022.context import Context, OpenDays, Participant, Reference
from steelyard.iso20022.profiles import Profile, builtin
from steelyard.values.identifiers import bic_is_shaped
from steelyard.values.instants import DAY, parse_instant

_EPOCH = date(1970, 1, 1)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_METHODS = frozenset({"CLRG", "COVE", "INDA", "INGA"})
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class _Clearing(Struct, frozen=True, forbid_unknown_fields=True):
    code: str | None = None
    proprietary: str | None = None


class _Participant(Struct, frozen=True, forbid_unknown_fields=True):
    bic: str
    state: Literal["active", "suspended"] = "active"
    currencies: tuple[str, ...] | None = None


class _Calendar(Struct, frozen=True, forbid_unknown_fields=True):
    weekend: tuple[Weekday, ...] | None = None
    closed_on: tuple[date, ...] = ()


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    base: str = "hub"
    clock: str | None = None
    business_on: date | None = None
    hub_bic: str = ""
    settled_currencies: tuple[str, ...] | None = None
    settlement_methods: tuple[str, ...] = ("CLRG",)
    clearing_system: _Clearing | None = None
    business_services: tuple[str, ...] = ()
    header: Literal["required", "optional"] | None = None
    transactions_max: int | None = None
    rate_tolerance_ppm: int | None = None
    horizon_days: int | None = None
    creation_skew_s: int | None = None
    creation_stale_days: int | None = None
    group_policy: Literal["each", "all"] | None = None
    scripts: tuple[str, ...] | None = None
    unstructured_address_until: date | None = None
    iban_country: bool | None = None
    participant: tuple[_Participant, ...] = ()
    calendar: dict[str, _Calendar] = {}


_REFINED = (
    "header",
    "transactions_max",
    "rate_tolerance_ppm",
    "horizon_days",
    "creation_skew_s",
    "creation_stale_days",
    "group_policy",
    "scripts",
    "iban_country",
)


class Setting(Struct, frozen=True):
    """A profile and the facts about people that go with it. `now_at` None: the caller's clock."""

    profile: Profile
    now_at: int | None
    business_on: int | None
    hub_bic: str
    settled_currencies: frozenset[str] | None
    settlement_methods: frozenset[str]
    clearing_system: tuple[str, str] | None
    directory: dict[str, Participant] | None
    calendars: dict[str, OpenDays]


class ProfileIsWrong(Exception):
    """A profile file cannot be used; the text says why."""


def read(text: str) -> Setting:
    """Read the text of a profile file; anything wrong in it is a `ProfileIsWrong`."""
    try:
        file = msgspec.toml.decode(text, type=_File)
    except msgspec.MsgspecError as error:
        raise ProfileIsWrong(str(error)) from error
    except ValueError as error:  # TOML's own syntax errors
        raise ProfileIsWrong(f"not TOML: {error}") from error
    base = builtin(file.base)
    if base is None:
        raise ProfileIsWrong(f"there is no profile {file.base!r} to refine")
    changes = {name: getattr(file, name) for name in _REFINED if getattr(file, name) is not None}
    if file.unstructured_address_until is not None:
        changes["unstructured_address_until"] = _day(file.unstructured_address_until)
    profile = msgspec.structs.replace(base, business_services=file.business_services, **changes)
    now_at = parse_instant(file.clock) if file.clock is not None else None
    if file.clock is not None and now_at is None:
        raise ProfileIsWrong(f"clock {file.clock!r} is no instant with an offset")
    for bic in (*((file.hub_bic,) if file.hub_bic else ()), *(one.bic for one in file.participant)):
        if not bic_is_shaped(bic):
            raise ProfileIsWrong(f"{bic!r} is no BIC")
    return Setting(
        profile,
        now_at,
        _day(file.business_on) if file.business_on is not None else None,
        file.hub_bic,
        frozenset(file.settled_currencies) if file.settled_currencies is not None else None,
        frozenset(file.settlement_methods),
        _clearing(file.clearing_system),
        {_full(one.bic): _participant(one) for one in file.participant} if file.participant else None,
        _calendars(file.calendar),
    )


def setting_of(profile: Profile) -> Setting:
    """Give the setting of a bare profile: who takes part and what is settled how is not known."""
    return Setting(profile, None, None, "", None, _METHODS, None, None, {})


def context_of(setting: Setting, reference: Reference, *, now_at: int) -> Context:
    """Give the context of a check. `now_at` counts where the setting has no clock of its own."""
    at = setting.now_at if setting.now_at is not None else now_at
    return Context(
        now_at=at,
        business_on=setting.business_on if setting.business_on is not None else at // DAY,
        hub_bic=setting.hub_bic,
        profile=setting.profile,
        reference=reference,
        directory=setting.directory,
        settled_currencies=setting.settled_currencies,
        settlement_methods=setting.settlement_methods,
        clearing_system=setting.clearing_system,
        calendars=setting.calendars,
    )


def _full(bic: str) -> str:
    return bic if len(bic) == 11 else bic + "XXX"


def _participant(row: _Participant) -> Participant:
    currencies = frozenset(row.currencies) if row.currencies is not None else None
    return Participant(row.bic, row.state == "active", currencies)


def _clearing(row: _Clearing | None) -> tuple[str, str] | None:
    if row is None:
        return None
    if row.code is not None and row.proprietary is None:
        return ("code", row.code)
    if row.proprietary is not None and row.code is None:
        return ("proprietary", row.proprietary)
    raise ProfileIsWrong("clearing_system takes one of code and proprietary")


def _calendars(rows: dict[str, _Calendar]) -> dict[str, OpenDays]:
    default = rows.get("default", _Calendar())
    made = {"": _open_days(default, OpenDays())}
    for currency, row in rows.items():
        if currency != "default":
            made[currency] = _open_days(row, made[""])
    return made


def _open_days(row: _Calendar, base: OpenDays) -> OpenDays:
    weekend = base.weekend
    if row.weekend is not None:
        weekend = frozenset(_WEEKDAYS.index(day) for day in row.weekend)
    return OpenDays(weekend, base.closed_on | {_day(on) for on in row.closed_on})


def _day(on: date) -> int:
    return (on - _EPOCH).days
