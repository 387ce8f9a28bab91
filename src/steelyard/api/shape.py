"""From bytes to a wire struct, with every fault of its shape found at once.

The quick way is one C call. Only when it fails is the body walked field by field along the struct's own type,
so that a body with five faults gets five answers. Duplicate keys, NaN and bodies nested without end are
refused before either.
"""

import json
import re
from functools import cache
from typing import Any, Never, TypeVar, cast

import msgspec
from msgspec import inspect

from steelyard.api.problems import FAULTS_MAX, ProblemError
from steelyard.client.types import Fault

T = TypeVar("T")

NESTING_MAX = 32
_GIVEN_MAX = 40
SECRETS = frozenset({"password", "code", "totp", "recovery_code", "key", "api_key", "secret", "token"})
"""Fields whose value is never shown again, not even to who sent it: it would end in logs and on screens"""
_KINDS = {dict: "an object", list: "an array", str: "a string", bool: "true or false", type(None): "null"}


class _Unfit(Exception):
    """The text is JSON, but of a kind that is refused."""


def read(raw: bytes, kind: type[T]) -> T:
    """Read a JSON body as `kind`; raises ProblemError that lists every fault."""
    value = parse(raw)
    return convert(value, kind)


def parse(raw: bytes) -> Any:
    """Read JSON strictly: UTF-8, no duplicate keys, no NaN, at most 32 levels."""
    try:
        value = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer
        )
    except UnicodeDecodeError as error:
        raise ProblemError("malformed-body", f"the body is not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise ProblemError(
            "malformed-body", f"{error.msg} at line {error.lineno} column {error.colno}"
        ) from None
    except _Unfit as error:
        raise ProblemError("malformed-body", str(error)) from None
    except RecursionError:
        raise ProblemError("malformed-body", f"the body is nested deeper than {NESTING_MAX} levels") from None
    if _is_deep(value):
        raise ProblemError("malformed-body", f"the body is nested deeper than {NESTING_MAX} levels")
    if b"\\u" in raw and not _is_text(value):
        raise ProblemError("malformed-body", "a text holds half a surrogate pair or a NUL")
    return value


def convert(value: Any, kind: type[T], *, at: str = "") -> T:
    """Give a parsed value as `kind`; `at` is the pointer under which it stands."""
    try:
        return msgspec.convert(value, kind, strict=True)
    except msgspec.ValidationError as error:
        faults: list[Fault] = []
        _walk(_info(cast(Any, kind)), value, at, faults)
        if not faults:
            faults.append(Fault(at, "schema", str(error)))
        raise unfit(faults) from None


def unfit(faults: list[Fault]) -> ProblemError:
    """Make the problem of a list of faults: unknown fields alone are their own kind."""
    alone = all(fault.code == "unknown-field" for fault in faults)
    return ProblemError("unknown-field" if alone else "schema-violation", errors=faults)


def given(value: Any) -> str:
    """Give a value as it may be shown: at most 40 characters, on one line."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    shown = "".join(c if c.isprintable() else "?" for c in text[:_GIVEN_MAX])
    return shown + "…" if len(text) > _GIVEN_MAX else shown


def given_at(pointer: str, value: Any) -> str:
    """Give a value that stands at a pointer as it may be shown: nothing of what is secret.

    >>> given_at("/debtor/name", "Ann"), given_at("/password", "hunter2"), given_at("/secret/0", "hunter2")
    ('Ann', '', '')
    """
    if value is None or not SECRETS.isdisjoint(pointer.split("/")):
        return ""
    if isinstance(value, dict | list):
        return ""
    return given(value)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _Unfit(f"the key {given(twice)!r} stands twice in one object")
    return made


def _constant(text: str) -> Never:
    raise _Unfit(f"{text} is no number of JSON")


def _integer(text: str) -> int:
    if len(text) > 20:
        raise _Unfit("a number has more than 20 digits")
    return int(text)


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(NESTING_MAX):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
        if not below:
            return False
        level = [item for item in below if isinstance(item, dict | list)]
    return bool(level)


def _is_text(value: Any) -> bool:
    """Tell whether every text in a value is one that UTF-8, and a database, can hold."""
    try:
        return b"\\u0000" not in msgspec.json.encode(value)
    except UnicodeEncodeError:
        return False


@cache
def _info(kind: Any) -> inspect.Type:
    return inspect.type_info(kind)


def _walk(info: inspect.Type, value: Any, at: str, faults: list[Fault]) -> None:
    """Add every fault of a value against a type."""
    if len(faults) >= FAULTS_MAX:
        return
    if isinstance(info, inspect.Metadata):
        _walk(info.type, value, at, faults)
    elif isinstance(info, inspect.StructType):
        _walk_struct(info, value, at, faults)
    elif isinstance(info, inspect.UnionType):
        _walk_union(info, value, at, faults)
    elif isinstance(info, inspect.ListType | inspect.VarTupleType):
        _walk_list(info, value, at, faults)
    elif isinstance(info, inspect.DictType):
        if _is(dict, value, at, faults):
            for key, item in value.items():
                _walk(info.value_type, item, f"{at}/{_token(key)}", faults)
    elif isinstance(info, inspect.StrType):
        _walk_text(info, value, at, faults)
    elif isinstance(info, inspect.IntType):
        _walk_int(info, value, at, faults)
    elif isinstance(info, inspect.BoolType):
        _is(bool, value, at, faults)
    elif isinstance(info, inspect.LiteralType):
        if value not in info.values or isinstance(value, bool):
            _fault(at, "not-listed", f"must be one of {', '.join(map(str, info.values))}", value, faults)
    elif isinstance(info, inspect.NoneType):
        _is(type(None), value, at, faults)


def _walk_struct(info: inspect.StructType, value: Any, at: str, faults: list[Fault]) -> None:
    fields = {field.encode_name: field for field in info.fields}
    if not isinstance(value, dict):  # a lone text in the place of what holds secrets may be one of them
        shown = value if SECRETS.isdisjoint(fields) else None
        _fault(at, "type", f"must be {_KINDS[dict]}", shown, faults)
        return
    for name, item in value.items():
        if name in fields:
            _walk(fields[name].type, item, f"{at}/{_token(name)}", faults)
        elif info.forbid_unknown_fields:
            _fault(f"{at}/{_token(name)}", "unknown-field", "there is no such field", None, faults)
    for name, field in fields.items():
        if field.required and name not in value:
            _fault(f"{at}/{_token(name)}", "missing", "must be given", None, faults)


def _walk_union(info: inspect.UnionType, value: Any, at: str, faults: list[Fault]) -> None:
    """A union here is a type or null; the fault is that of the type."""
    others = [kind for kind in info.types if not isinstance(kind, inspect.NoneType)]
    if value is None and len(others) < len(info.types):
        return
    found: list[list[Fault]] = []
    for kind in others:
        mine: list[Fault] = []
        _walk(kind, value, at, mine)
        if not mine:
            return
        found.append(mine)
    fewest: list[Fault] = min(found, key=len)
    faults.extend(fewest)


def _walk_list(
    info: inspect.ListType | inspect.VarTupleType, value: Any, at: str, faults: list[Fault]
) -> None:
    if not _is(list, value, at, faults):
        return
    least, most = info.min_length or 0, info.max_length
    if len(value) < least or (most is not None and len(value) > most):
        message = f"must hold {least} to {most} items" if most else f"must hold at least {least} items"
        _fault(at, "length", message, None, faults)
    for number, item in enumerate(value):
        _walk(info.item_type, item, f"{at}/{number}", faults)


def _walk_text(info: inspect.StrType, value: Any, at: str, faults: list[Fault]) -> None:
    if not _is(str, value, at, faults):
        return
    least, most = info.min_length or 0, info.max_length
    if len(value) < least:
        _fault(at, "length", f"must have at least {least} characters", value, faults)
    elif most is not None and len(value) > most:
        _fault(at, "length", f"must have at most {most} characters", value, faults)
    elif info.pattern is not None and re.search(info.pattern, value) is None:
        shown = info.pattern.removesuffix(r"(?!\n)")
        _fault(at, "pattern", f"must match {shown}", value, faults)


def _walk_int(info: inspect.IntType, value: Any, at: str, faults: list[Fault]) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        _fault(at, "type", "must be a whole number", value, faults)
        return
    low = info.ge if info.gt is None else info.gt + 1
    high = info.le if info.lt is None else info.lt - 1
    if (low is not None and value < low) or (high is not None and value > high):
        _fault(at, "range", f"must lie between {low} and {high}", value, faults)


def _is(kind: type, value: Any, at: str, faults: list[Fault]) -> bool:
    if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return True
    _fault(at, "type", f"must be {_KINDS[kind]}", value, faults)
    return False


def _fault(at: str, code: str, message: str, value: Any, faults: list[Fault]) -> None:
    faults.append(Fault(at, code, message, given_at(at, value)))


def _token(name: str) -> str:
    """Give a key as a token of a JSON pointer; what is not printable is not shown."""
    return given(name).replace("~", "~0").replace("/", "~1")
