"""Numbers and names as cases of the market write them: by value, whatever way they are written."""

import gzip
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec

from steelyard.cli.vectors.compare import Failure

Number = int | float | str
Numbers = Mapping[str, Number]


def exact(value: Any) -> Fraction:
    """Give the number that is meant: 840, 840.0, "840.25" and "3361/4" are exact; a float is its shortest text.

    >>> exact(0.1) == exact("1/10") == Fraction(1, 10)
    True
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(f"{value!r} is no number")
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def whole(value: Any) -> int:
    """Give a whole number; ValueError where it is none."""
    number = exact(value)
    if number.denominator != 1:
        raise ValueError(f"{value!r} is no whole number")
    return number.numerator


def wholes(values: Mapping[str, Any]) -> dict[str, int]:
    """Give whole numbers by name."""
    return {name: whole(value) for name, value in values.items()}


def number(key: str, expected: Any, found: Any, *, within: Fraction | int = 0) -> list[Failure]:
    """Compare two numbers by value; null stands for no number."""
    if expected is None or found is None:
        return [] if expected is found else [Failure(key, expected, _shown(found))]
    if abs(exact(expected) - Fraction(found)) <= within:
        return []
    return [Failure(key, expected, _shown(found))]


def numbers(key: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[Failure]:
    """Compare numbers by name; a name that is not there has 0."""
    failures: list[Failure] = []
    for name in sorted({*expected, *found}):
        failures += number(f"{key}.{name}", expected.get(name, 0), found.get(name, 0))
    return failures


def unknown_inputs(given: Mapping[str, Any], known: frozenset[str]) -> list[Failure]:
    """Name every input that an adapter does not know: none goes unread."""
    return [Failure(f"input.{key}", rule="unknown input") for key in given if key not in known]


def read_cases(path: Path) -> list[dict[str, Any]]:
    """Read a file that is a list of cases, or an object that has them under `cases` or `vectors`."""
    data = path.read_bytes()
    document = msgspec.json.decode(gzip.decompress(data) if path.suffix == ".gz" else data)
    if isinstance(document, dict):
        document = next((document[name] for name in ("cases", "vectors") if name in document), [])
    return document if isinstance(document, list) else []


def _shown(value: Any) -> Any:
    return value if value is None or isinstance(value, (int, float)) else str(value)
