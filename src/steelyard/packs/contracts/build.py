"""From what a pack says to the terms of a contract; every fault knows the key that it is about."""

from datetime import date
from typing import Any, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Struct

from steelyard.market.contracts import TYPES, Contract
from steelyard.market.contracts.terms import TermsAreWrong
from steelyard.market.quality import Factor, FactorRule, QualitySchedule, millionths
from steelyard.packs.contracts.lines import Path

_EPOCH = date(1970, 1, 1)
_TYPES = {str(kind.__struct_config__.tag): kind for kind in TYPES}
_MEASURES = {"unit_kg": "kg", "unit_wh": "wh", "unit_barrel": "barrel"}
_NAMES = {"delivery_places": "places", "from": "from_on"}
"""What a pack calls by another name than the terms."""


class PackFault(Exception):
    """A part of a pack that cannot be."""

    def __init__(self, path: Path, rule: str) -> None:
        super().__init__(rule)
        self.path, self.rule = path, rule


class FactorPack(Struct, frozen=True, forbid_unknown_fields=True):
    """A factor of quality as a pack writes it: decimals are text, in the factor's own unit."""

    name: str
    rule: FactorRule = FactorRule.LIMIT
    basis: str = "0"
    step: str = "0.1"
    step_minor: int = 0
    steps_max: int = 10
    point_bp: int = 0
    least: str | None = None
    most: str | None = None


class Expect(Struct, frozen=True, forbid_unknown_fields=True):
    """What a pack says of itself, so that one that has lost its content is noticed."""

    places_min: int
    factors_min: int
    months_min: int = 0


def contract_of(pack: dict[str, Any]) -> Contract:
    """Build the contract that a pack describes; raises PackFault."""
    raw = dict(pack)
    kind = _TYPES.get(raw.pop("type", None))
    if kind is None:
        raise PackFault(("type",), f"type: one of {', '.join(sorted(_TYPES))}")
    expect = _struct(Expect, raw.pop("expect", None), ("expect",))
    quality = _schedule(raw.pop("quality", None), raw.get("price_per"))
    units = [key for key in _MEASURES if key in raw]
    if len(units) != 1:
        raise PackFault(tuple(units[:1]), f"one of {', '.join(_MEASURES)} is needed")
    raw |= {"measure": _MEASURES[units[0]], "unit": raw.pop(units[0]), "quality": quality}
    if type(raw.get("from")) is not date:
        raise PackFault(("from",), "from: a date is needed")
    raw["from"] = (raw["from"] - _EPOCH).days
    named = {_NAMES.get(key, key): value for key, value in raw.items()}
    if len(named) < len(raw) or set(_NAMES.values()) & set(raw):
        raise PackFault((), f"names are those of a pack: {', '.join(_NAMES)}")
    try:
        contract: Contract = _struct(kind, named, ())
    except PackFault as fault:
        own = {field: key for key, field in _NAMES.items()} | {"unit": units[0]}
        raise PackFault((own.get(str(fault.path[0]), fault.path[0]), *fault.path[1:]), fault.rule) from fault
    _check(expect, contract)
    return contract


def _struct(kind: Any, raw: Any, path: Path) -> Any:
    """Build a struct from a table; PackFault names the key."""
    if isinstance(raw, kind):
        return raw
    if not isinstance(raw, dict):
        raise PackFault(path, f"{'.'.join(map(str, path))}: a table is needed")
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    for key in raw:
        if key not in fields:
            raise PackFault((*path, key), f"{key}: nothing is called so")
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name in raw:
            values[name] = _value(field.type, raw[name], (*path, name))
        elif field.default is NODEFAULT and field.default_factory is NODEFAULT:
            raise PackFault((*path, name), f"{name}: it is missing")
    try:
        return kind(**values)
    except TermsAreWrong as wrong:
        raise PackFault((*path, wrong.field), str(wrong)) from wrong
    except ValueError as wrong:
        raise PackFault(path, f"{'.'.join(map(str, path))}: {wrong}") from wrong


def _value(kind: Any, raw: Any, path: Path) -> Any:
    """Build a value of a field's type."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        return _struct(kind, raw, path)
    inner = get_args(kind)[0] if get_origin(kind) is tuple else None
    if isinstance(inner, type) and issubclass(inner, Struct):
        if not isinstance(raw, list):
            raise PackFault(path, f"{path[-1]}: a list is needed")
        return tuple(_struct(inner, one, (*path, place)) for place, one in enumerate(raw))
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise PackFault(path, f"{path[-1]}: {error}") from error


def _schedule(raw: Any, price_per: Any) -> QualitySchedule:
    """Build the schedule of quality; its prices are for the price unit of the contract."""
    if not isinstance(raw, list):
        raise PackFault(("quality",), "quality: a list of factors is needed")
    factors = []
    for place, one in enumerate(raw):
        path: Path = ("quality", place)
        given = _struct(FactorPack, one, path)
        try:
            factors.append(
                Factor(
                    given.name,
                    given.rule,
                    _decimal(given.basis, (*path, "basis")),
                    _decimal(given.step, (*path, "step")),
                    given.step_minor,
                    given.steps_max,
                    given.point_bp,
                    None if given.least is None else _decimal(given.least, (*path, "least")),
                    None if given.most is None else _decimal(given.most, (*path, "most")),
                )
            )
        except ValueError as error:
            raise PackFault(path, f"{given.name}: {error}") from error
    return QualitySchedule(tuple(factors), price_per if isinstance(price_per, int) else 1)


def _decimal(text: str, path: Path) -> int:
    try:
        return millionths(text)
    except ValueError as error:
        raise PackFault(path, f"{path[-1]}: {error}") from error


def _check(expect: Expect, contract: Contract) -> None:
    """Raise PackFault where a pack holds less than it says."""
    months = getattr(contract, "months", ())
    counts = (
        ("places_min", len(contract.places), expect.places_min),
        ("factors_min", len(contract.quality.factors), expect.factors_min),
        ("months_min", len(months), expect.months_min),
    )
    for name, found, least in counts:
        if found < least:
            raise PackFault(("expect", name), f"{name}: {least} expected, {found} found")
