"""The register of assets: numbers are dense, start at 1 and are never reused."""

from typing import NamedTuple

from steelyard.values.asset import Asset


class AssetRow(NamedTuple):
    """One asset: what it is, who issues it, whether it still moves. `issuer_no` is an owner number."""

    asset_no: int
    asset: Asset
    issuer_no: int
    closed: bool = False
