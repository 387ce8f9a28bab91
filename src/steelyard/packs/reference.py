"""Reads the reference tables of messages: countries, currencies, IBAN lengths, code sets.

The tables lie beside this file as TOML, each with its source and what it expects of itself. An operator
may hand in newer code sets: a folder of `<set>.toml` in our form or of `external_<set>_code.json` as the
published lists are commonly extracted. A set found there replaces ours whole.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

FOLDER = Path(__file__).parent / "iso20022"
CODE_SETS = (
    "category_purpose",
    "group_status",
    "local_instrument",
    "purpose",
    "service_level",
    "status_reason",
    "transaction_status",
)
_PUBLISHED = {
    "group_status": "payment_group_status",
    "transaction_status": "payment_transaction_status",
}


class PackIsWrong(Exception):
    """A pack cannot be read, or holds less than it says it must."""


class Reference(msgspec.Struct, frozen=True):
    """The tables. `currencies` maps a code to its minor-unit digits, None where it has none (metals,
    baskets, the test code); `funds` are codes that are never settled. `bic_countries` is `countries`
    and the few codes that stand in BICs without being in the standard."""

    countries: frozenset[str]
    bic_countries: frozenset[str]
    currencies: Mapping[str, int | None]
    funds: frozenset[str]
    iban_lengths: Mapping[str, int]
    code_sets: Mapping[str, Mapping[str, str]]


@cache
def reference(codes_dir: Path | None = None) -> Reference:
    """Read all tables, code sets from `codes_dir` first where it has them.

    >>> reference().currencies["IRR"], reference().currencies["XAU"], reference().iban_lengths["EG"]
    (2, None, 29)
    """
    countries = _read(FOLDER / "countries.toml")
    currencies = _read(FOLDER / "currencies.toml")
    digits: dict[str, int | None] = {code: row[0] for code, row in currencies["codes"].items()}
    digits |= {code: row[0] for code, row in currencies["funds"].items()}
    digits |= dict.fromkeys(currencies["without_minor_unit"])
    codes = frozenset(countries["codes"])
    return Reference(
        codes,
        codes | frozenset(countries["bic_only"]),
        MappingProxyType(digits),
        frozenset(currencies["funds"]),
        MappingProxyType(_read(FOLDER / "iban.toml")["lengths"]),
        MappingProxyType({name: MappingProxyType(_code_set(name, codes_dir)) for name in CODE_SETS}),
    )


def published_code_set(path: Path) -> dict[str, str]:
    """Read one published list: JSON with `codes`, a code to its meaning.

    A file that cannot be read or holds no code is a `PackIsWrong` that names it.
    """
    try:
        codes = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])["codes"]
        return {str(code): str(meaning) for code, meaning in codes.items()}
    except (OSError, msgspec.MsgspecError, KeyError, AttributeError) as error:
        raise PackIsWrong(f"{path.name} is no list of codes") from error


def _code_set(name: str, codes_dir: Path | None) -> dict[str, str]:
    if codes_dir is not None:
        if (own := codes_dir / f"{name}.toml").is_file():
            return _codes(own)
        published = codes_dir / f"external_{_PUBLISHED.get(name, name)}_code.json"
        if published.is_file():
            return published_code_set(published)
    return _codes(FOLDER / f"{name}.toml")


def _codes(path: Path) -> dict[str, str]:
    return dict(_read(path)["codes"])


def _read(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PackIsWrong(f"{path.name} cannot be read") from error
    held = sum(len(part) for name, part in table.items() if isinstance(part, dict) and name != "expect")
    expected = sum(table.get("expect", {"": 1}).values())
    if held < expected or not table.get("source"):
        raise PackIsWrong(f"{path.name} holds {held} rows of {expected}, or names no source")
    return table
