"""Contract types: what each promises, as data. A contract is a pack; no contract is special in code."""

from steelyard.market.contracts.energy_supply import EnergySupply
from steelyard.market.contracts.forward import Forward
from steelyard.market.contracts.future import Future
from steelyard.market.contracts.spot_receipt import SpotReceipt

Contract = SpotReceipt | Forward | Future | EnergySupply
TYPES: tuple[type[Contract], ...] = (SpotReceipt, Forward, Future, EnergySupply)
