"""What an amount is an amount of: a currency, a title, a quantity of energy.

An asset is data, never code: no currency is special here. The scale (fraction digits of the minor unit)
comes from the caller's table and never changes; another scale is another asset.
"""

from enum import IntEnum

import msgspec

SCALE_MAX = 9


class AssetClass(IntEnum):
    """What kind of thing an asset is; the numbers are written into the journal."""

    CURRENCY = 1
    TITLE = 2
    ENERGY = 3
    SECURITY = 4
    CLAIM = 5
    MARGIN_UNIT = 6
    OTHER = 7


class Asset(msgspec.Struct, frozen=True):
    """One thing that can be booked: `code` names it, `scale` says how many digits its minor unit has.

    >>> Asset("NOR", AssetClass.CURRENCY, 2).code
    'NOR'
    """

    code: str
    asset_class: AssetClass
    scale: int

    def __post_init__(self) -> None:
        if not 0 <= self.scale <= SCALE_MAX:
            raise ValueError("the scale of an asset is 0 to 9 digits")
