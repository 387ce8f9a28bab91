"""What the margin model finds for the positions as they stand, ready to be entered as `clearing.margin.model`.

The model runs outside the state machine: over a copy of the World, by whoever keeps the histories of returns. What it
finds enters as whole numbers with the hash of its inputs; anybody with the same histories finds the same bytes.
"""

from collections.abc import Mapping

from msgspec import Struct

from steelyard.flows.clearing_margin import ModelFields
from steelyard.flows.world import World
from steelyard.market.clearing import fhs, positions, requirements


class Past(Struct, frozen=True):
    """A contract's past: returns oldest first, the variance before the first, returns of a period of stress."""

    returns: tuple[float, ...]
    var0: float
    stress_returns: tuple[float, ...] = ()


def propose(
    world: World,
    asset: str,
    pasts: Mapping[str, Past],
    *,
    confidence: str = fhs.CONFIDENCE,
    days: int = fhs.DAYS,
    decay: str = fhs.DECAY,
) -> ModelFields:
    """Work out the margins of all who hold lots in a currency; every contract held has a past and a settlement price.

    Scenarios are days: pasts of one length each, and stresses of one length. Raises ValueError where one is lacking.
    """
    house = world.clearing
    contracts = [
        contract
        for contract in sorted(house.book)
        if house.terms[contract].asset == asset and any(one.lots for one in house.book[contract].values())
    ]
    lacking = [contract for contract in contracts if contract not in pasts or contract not in house.settle]
    if lacking or not contracts:
        raise ValueError(f"no past or settlement price: {', '.join(lacking) or 'no contract is held'}")
    holders = requirements.holders(house, asset)
    values = [
        [
            int(
                positions.of(house.book, contract, bic).lots
                * house.settle[contract]
                * house.terms[contract].unit
            )
            for contract in contracts
        ]
        for bic in holders
    ]
    mine = [pasts[contract] for contract in contracts]
    history = fhs.History(
        list(zip(*(one.returns for one in mine), strict=True)),
        [one.var0 for one in mine],
        list(zip(*(one.stress_returns for one in mine), strict=True)),
    )
    risks = fhs.fhs_risk(values, history, days=days, confidence=confidence, decay=decay)
    inputs = fhs.inputs_hash(values, history, days, confidence, decay)
    margins = tuple((bic, risk.margin) for bic, risk in zip(holders, risks, strict=True))
    return ModelFields(asset, fhs.VERSION, inputs, margins)
