"""Contexts that the tests of messages share: the rule cases' profile file, and schema level alone."""

from functools import cache
from pathlib import Path

import msgspec

from steelyard.iso20022.context import Context
from steelyard.iso20022.profiles import builtin, file
from steelyard.packs.reference import reference
from tests.shared import SHARED

HERE = Path(__file__).parent
OWN = HERE / "own"
DATA = SHARED / "iso20022" if SHARED is not None else None


@cache
def rules_context() -> Context:
    """Give the context of `profiles/rules.toml`."""
    setting = file.read((HERE / "profiles" / "rules.toml").read_text())
    return file.context_of(setting, reference(), now_at=0)


def with_fields(context: Context, **changes) -> Context:
    """Give a context with other fields."""
    return msgspec.structs.replace(context, **changes)


@cache
def schema_context() -> Context:
    """Give the context of the `iso` profile, without published schemas."""
    profile = builtin("iso")
    assert profile is not None
    return file.context_of(file.setting_of(profile), reference(), now_at=0)
