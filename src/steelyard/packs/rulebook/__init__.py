"""Rulebook packs: one TOML of figures in sections, made into the content that enters the state.

`default.toml` names every figure with its default; an operator's own file names what it changes.
"""

import tomllib
from importlib.resources import files
from typing import Any

import msgspec

from steelyard.market import rules as market_rules
from steelyard.members import rulebook
from steelyard.packs.calendars import PackIsBroken
from steelyard.payments import rules


class RulebookPack(msgspec.Struct, frozen=True):
    """A version ready to be brought into force (`flows/packs.py: PackFields` takes these)."""

    id: str
    version: str
    content: bytes


def load(text: str | None = None) -> RulebookPack:
    """Read a rulebook pack, the project's defaults without an argument; PackIsBroken names what is wrong."""
    if text is None:
        text = files(__package__).joinpath("default.toml").read_text("utf-8")
    try:
        pack = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PackIsBroken(f"rulebook: {error}") from error
    for name in ("id", "version", "source"):
        if not isinstance(pack.get(name), str) or not pack[name]:
            raise PackIsBroken(f"rulebook: {name} is missing")
    figures: dict[str, Any] = {
        key: value for key, value in pack.items() if key not in ("id", "source", "expect")
    }
    for section, least in pack.get("expect", {}).items():
        if len(figures.get(section.removesuffix("_min"), ())) < least:
            raise PackIsBroken(f"rulebook: fewer figures in {section.removesuffix('_min')} than it expects")
    try:
        content = rulebook.content_of(figures)
        rules.read(figures.get("payments", {}))
        market_rules.read(figures.get("market", {}))
    except msgspec.ValidationError as error:
        raise PackIsBroken(f"rulebook: {error}") from error
    if not rulebook.is_sound(rulebook.read(content)):
        raise PackIsBroken("rulebook: a figure cannot be worked with")
    return RulebookPack(pack["id"], pack["version"], content)
