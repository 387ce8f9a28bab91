"""Strategies for the fields of commands: any value their types take, drawn most often from what means something."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec.inspect as inspect
from hypothesis import strategies as st
from msgspec import NODEFAULT

Pools = Mapping[str, Sequence[Any]]
OFTEN = 9
"""Of ten values of a field nine are good ones, where some are known"""


class Drawn:
    """Makes strategies. `names` gives good values by the name of a field, the others are by type."""

    def __init__(
        self, numbers: Sequence[int], words: Sequence[str], ids: Sequence[bytes], names: Pools
    ) -> None:
        self.numbers, self.words, self.ids, self.names = numbers, words, ids, names
        self._made: dict[type, st.SearchStrategy[Any]] = {}

    def fields(self, kind: type) -> st.SearchStrategy[Any]:
        """Give the strategy of a struct."""
        if kind not in self._made:
            self._made[kind] = self._of(inspect.type_info(kind))
        return self._made[kind]

    def _named(self, field: inspect.Field) -> st.SearchStrategy[Any]:
        plain, pool = self._of(field.type), self.names.get(field.name, ())
        defaults = [] if field.default is NODEFAULT else [field.default]
        good = [*pool, *defaults]
        if not good:
            return plain
        best = st.sampled_from(good)
        return st.integers(0, OFTEN).flatmap(lambda draw: plain if draw == OFTEN // 2 else best)

    def _of(self, kind: Any) -> st.SearchStrategy[Any]:
        match kind:
            case inspect.Metadata():
                return self._of(kind.type)
            case inspect.IntType():
                low = kind.ge if kind.ge is not None else kind.gt + 1 if kind.gt is not None else -(2**63)
                high = kind.le if kind.le is not None else kind.lt - 1 if kind.lt is not None else 2**64 - 1
                some = [number for number in (*self.numbers, low, high) if low <= number <= high]
                return st.one_of(st.sampled_from(some), st.sampled_from(some), st.integers(low, high))
            case inspect.StrType():
                return self._texts(kind)
            case inspect.BytesType():
                least, most = kind.min_length or 0, 64 if kind.max_length is None else kind.max_length
                some = [item for item in (*self.ids, bytes(least), bytes(most)) if least <= len(item) <= most]
                return st.one_of(st.sampled_from(some), st.binary(min_size=least, max_size=min(most, 64)))
            case inspect.BoolType():
                return st.booleans()
            case inspect.NoneType():
                return st.none()
            case inspect.LiteralType():
                return st.sampled_from(kind.values)
            case inspect.EnumType():
                return st.sampled_from(list(kind.cls))
            case inspect.UnionType():
                return st.one_of(*map(self._of, kind.types))
            case inspect.TupleType():
                return st.tuples(*map(self._of, kind.item_types))
            case inspect.VarTupleType() | inspect.ListType():
                least = kind.min_length or 0
                most = min(least + 3, least + 3 if kind.max_length is None else kind.max_length)
                made = st.lists(self._of(kind.item_type), min_size=least, max_size=most)
                return made if isinstance(kind, inspect.ListType) else made.map(tuple)
            case inspect.DictType():
                return st.dictionaries(self._of(kind.key_type), self._of(kind.value_type), max_size=2)
            case inspect.StructType():
                parts = {field.name: self._named(field) for field in kind.fields}
                return st.fixed_dictionaries(parts).map(lambda given: _built(kind.cls, given)).filter(bool)
        raise TypeError(kind)

    def _texts(self, kind: inspect.StrType) -> st.SearchStrategy[str]:
        least, most = kind.min_length or 0, 64 if kind.max_length is None else kind.max_length
        some = [
            word for word in self.words if least <= len(word) <= most and re.search(kind.pattern or "", word)
        ]
        return st.one_of(st.sampled_from(some), st.text(min_size=least, max_size=min(most, 40)))


def _built(kind: type, given: dict[str, Any]) -> Any:
    """Make a struct, or nothing where its parts cannot be one."""
    try:
        return kind(**given)
    except ValueError:
        return None
