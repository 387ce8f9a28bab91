"""Fields for commands: of the right type and otherwise as bad as they get."""

import re
from random import Random
from typing import Any

import msgspec.inspect as inspect

from tests.members.network import BANKS, MEMBERS

NUMBERS = (
    -(2**63),
    -1,
    0,
    1,
    2,
    99,
    10**6,
    10**18 - 1,
    10**18,
    2**62,
    2**62 + 1,
    2**63 - 1,
    2**63,
    2**64 - 1,
)
NAMES = (
    *BANKS.values(), *MEMBERS.values(), *MEMBERS, "operator", "node", "NOBODY00", "", "é" * 8, "/", "\x00", "x" * 300,
    "ANNANOR0/NOR", "BRAMSUD0/NOR", "STAGNOR0/NOR/issuer", "ANNANOR0/NOR/suspense", "operator/NOR/residual",
    "p-anna-maker", "k-anna", "p-op-1", "p-new", "k-new", "rulebook", "nor/x", "reserved", "client", "net_debit",
    "pair", "flow", "accept", "accept_unposted", "decline", "CUST", "next_day", "purpose-a", "simulated",
)  # fmt: skip


def fields(kind: type, random: Random, ids: list[bytes]) -> Any:
    """Make one struct of hostile values; `ids` are some that mean something here."""
    return _made(inspect.type_info(kind), random, ids)


def _made(kind: Any, random: Random, ids: list[bytes]) -> Any:
    match kind:
        case inspect.Metadata():
            return _made(kind.type, random, ids)
        case inspect.IntType():
            low = kind.ge if kind.ge is not None else kind.gt + 1 if kind.gt is not None else -(2**63)
            high = kind.le if kind.le is not None else kind.lt - 1 if kind.lt is not None else 2**64 - 1
            return random.choice([number for number in (*NUMBERS, low, high) if low <= number <= high])
        case inspect.StrType():
            return random.choice(_texts(kind))
        case inspect.BytesType():
            return _bytes(kind.min_length or 0, kind.max_length or 200, random, ids)
        case inspect.BoolType():
            return random.random() < 0.5
        case inspect.NoneType():
            return None
        case inspect.LiteralType():
            return random.choice(kind.values)
        case inspect.EnumType():
            return random.choice(list(kind.cls))
        case inspect.UnionType():
            return _made(random.choice(kind.types), random, ids)
        case inspect.TupleType():
            return tuple(_made(part, random, ids) for part in kind.item_types)
        case inspect.VarTupleType():
            return tuple(_made(kind.item_type, random, ids) for _ in range(_many(kind, random)))
        case inspect.ListType():
            return [_made(kind.item_type, random, ids) for _ in range(_many(kind, random))]
        case inspect.DictType():
            return {_made(kind.key_type, random, ids): _made(kind.value_type, random, ids) for _ in range(2)}
        case inspect.StructType():
            return _struct(kind, random, ids)
    raise TypeError(kind)


def _struct(kind: inspect.StructType, random: Random, ids: list[bytes]) -> Any:
    """Make a part of a field that is a struct; one that no reader would take either is made anew."""
    for _ in range(1_000):
        values = {field.name: _made(field.type, random, ids) for field in kind.fields}
        try:
            return kind.cls(**values)
        except ValueError:
            continue
    raise TypeError(kind)


def _many(kind: inspect.ListType | inspect.VarTupleType, random: Random) -> int:
    """Give how many parts a list has: few, and as many as its field takes at most."""
    low, high = kind.min_length or 0, kind.max_length
    many = max(low, random.choice((0, 1, 1, 2, 3)))
    return many if high is None else min(many, high)


def _texts(kind: inspect.StrType) -> list[str]:
    """Give the texts that a field takes, cut to its length."""
    low, high, pattern = kind.min_length or 0, kind.max_length or 300, kind.pattern or ""
    cut = [name[:high] for name in (*NAMES, *map(str, NUMBERS))]
    return [name for name in cut if len(name) >= low and re.search(pattern, name)]


def _bytes(low: int, high: int, random: Random, ids: list[bytes]) -> bytes:
    pool = [b"", b"\x00" * low, b"\xff" * high, random.randbytes(high), *ids]
    return random.choice([item for item in pool if low <= len(item) <= high])
