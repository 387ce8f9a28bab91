"""Energy matched by OR-Tools: the same flow solver as everywhere, exact in whole numbers."""

from steelyard.solve.flow import OrToolsFlow


class TransportSolver(OrToolsFlow):
    """The production solver of `market.energy.matching`."""
