"""What a series is made from by the machine itself: the data of its definition, beside the figures of its method.

A benchmark has sources and a basket. An index takes the part of a benchmark's data that is of one origin, one grade,
or both. A curve has the months of one contract. A series with none of these is published from what is handed in.
"""

from typing import Annotated

from msgspec import Meta, Struct

from steelyard.market.assessment import Text

SOURCES_MAX = 100
Part = Annotated[int, Meta(gt=0, lt=2**63 - 1)]
UNIT_MINOR = 100
"""A unit of a basket is shown with two decimals"""


class Source(Struct, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """A listed instrument, or a class of receipts, and what its goods are."""

    code: Text
    origin: Text = ""
    grade: Text = ""


class Basis(Struct, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """What one version of a definition rests on."""

    sources: Annotated[tuple[Source, ...], Meta(max_length=SOURCES_MAX)] = ()
    basket: Annotated[tuple[tuple[Text, Part], ...], Meta(max_length=SOURCES_MAX)] = ()
    """What one unit of the series, 100 minor units, holds: (currency, minor units), by currency"""
    unit_kg: Annotated[int, Meta(ge=0, lt=10**12)] = 0
    """What a value is for"""
    related: Text = ""
    """The series whose move counts where there is no other data"""
    parent: Text = ""
    """The benchmark of whose data an index takes its part"""
    origin: Text = ""
    grade: Text = ""
    contract: Text = ""
    """Of whose months a curve is made"""

    @property
    def kind(self) -> str:
        """Give what is made: benchmark, index or curve; empty where the data is handed in.

        >>> Basis(parent="WHEAT", origin="ZA").kind, Basis(contract="WHT").kind, Basis().kind
        ('index', 'curve', '')
        """
        if self.sources or self.basket:
            return "benchmark"
        if self.parent:
            return "index"
        return "curve" if self.contract else ""

    @property
    def is_one(self) -> bool:
        """Tell whether what stands here makes one thing, and only one."""
        benchmark = bool(self.sources)
        codes = [code for code, _ in self.basket]
        names = [one.code for one in self.sources]
        return (
            bool(self.basket) == benchmark == bool(self.unit_kg)
            and benchmark + bool(self.parent) + bool(self.contract) <= 1
            and bool(self.parent) == bool(self.origin or self.grade)
            and not (self.related and self.contract)
            and (benchmark or bool(self.parent) or not self.related)
            and codes == sorted(set(codes))
            and len(set(names)) == len(names)
        )
