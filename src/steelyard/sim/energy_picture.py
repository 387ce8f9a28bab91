"""A picture of a match of energy: what flows over which route, and what energy is worth at each node.

Bars are quantities; routes that set prices are drawn full, those that are at their capacity pale. A node's price is a
dot, and a line up to the highest that proves the match as well. What is drawn is what everybody sees of a match.
"""

from fractions import Fraction
from typing import TYPE_CHECKING

from steelyard.client.energy import MatchShown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FULL, PALE, SHORT, INK, GRID = "#2a7f62", "#9cc7b6", "#b4513b", "#26323d", "#d9dfe4"
SHOWN = 40
"""Most routes and nodes of a picture: the largest flows, the first nodes"""


def draw(found: MatchShown) -> "Figure":
    """Draw a match."""
    from matplotlib.figure import Figure

    rows = min(SHOWN, max(len(found.flows), len(found.prices), 4))
    figure = Figure(figsize=(11, 1.6 + 0.26 * rows), layout="constrained")
    left, right = figure.subplots(1, 2)
    _flows(left, found)
    _prices(right, found)
    return figure


def title_of(found: MatchShown) -> str:
    """Say what a match costs."""
    cost = Fraction(found.cost_minor)
    told = str(cost) if cost.denominator == 1 else f"{float(cost):.2f}"
    return f"Energy matched for {told} minor units{f' of {found.asset}' if found.asset else ''}"


def _flows(axes: "Axes", found: MatchShown) -> None:
    quantity = {one.route: float(Fraction(one.quantity)) for one in found.flows}
    chosen = sorted(quantity, key=lambda name: -quantity[name])[:SHOWN]
    chosen.reverse()
    prices = dict.fromkeys(found.marginal)
    colours = [FULL if name in prices else PALE for name in chosen]
    axes.barh(chosen, [quantity[name] for name in chosen], color=colours)
    short = {one.node: float(Fraction(one.quantity)) for one in found.unserved}
    axes.barh([f"unserved {name}" for name in short][:SHOWN], list(short.values())[:SHOWN], color=SHORT)
    axes.set_xlabel("dark: sets prices; pale: at its capacity", fontsize=8)
    _frame(axes, "What enters each route")


def _prices(axes: "Axes", found: MatchShown) -> None:
    shown = found.prices[:SHOWN][::-1]
    places = range(len(shown))
    low = [float(Fraction(one.price_minor)) for one in shown]
    for place, price, one in zip(places, low, shown, strict=True):
        high = price if one.highest_minor is None else float(Fraction(one.highest_minor))
        if high > price:
            axes.plot([price, high], [place, place], color=PALE, linewidth=3)
    axes.scatter(low, list(places), color=FULL, zorder=3)
    axes.set_yticks(list(places), [one.node for one in shown])
    axes.set_xlabel("minor units a unit", fontsize=8)
    _frame(axes, "Price of each node, and how high it might be")


def _frame(axes: "Axes", title: str) -> None:
    axes.set_title(title, color=INK, fontsize=10)
    axes.grid(axis="x", color=GRID)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
