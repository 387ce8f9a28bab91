"""Pictures of a simulation: liquidity against delay, value that waits, balances, mechanisms, members.

Floats are for the eye only: every figure that is printed comes from the result's integers.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from steelyard.sim.jobs import Outcome
from steelyard.sim.measures import FAN
from steelyard.sim.mechanisms import TITLES
from steelyard.sim.simulate import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, GRID, MIST, BLUE, PALE, RED = "#26323d", "#d9dfe4", "#8a949d", "#2f7ea8", "#9cc5dd", "#b3472f"
FANS = ("fifo", "bypass", "split", "pooled-split")
"""Mechanisms whose balances are drawn, where there are more than four."""
CROWD = 8
"""Most lines in one picture that a reader can tell apart."""


def draw_all(result: Result, folder: Path) -> list[str]:
    """Write all pictures as SVG and PNG; gives their names, without ending."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams.update({
        "svg.hashsalt": "steelyard", "svg.fonttype": "none", "font.size": 10, "axes.edgecolor": INK, "text.color": INK,
        "axes.labelcolor": INK,
    })  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    day = result.day
    caption = (
        f"{day.payments:,} payments, {day.banks} banks, day {day.digest[:8]}, Steelyard {result.version}"
    )
    made = figures(result)
    for name, figure in made.items():
        figure.text(0.995, 0.005, caption, ha="right", va="bottom", fontsize=7, color="#6b7782")
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
        figure.savefig(folder / f"{name}.png", dpi=110, metadata={"Software": None})
    (folder / "mechanisms").mkdir(exist_ok=True)
    for name, runs in _by_mechanism(result).items():
        _small(result, runs).savefig(folder / "mechanisms" / f"{name}.svg", metadata={"Date": None})
    return list(made)


def figures(result: Result) -> dict[str, "Figure"]:
    """Give every picture of a result by name."""
    return {
        "tradeoff": _tradeoff(result), "mechanisms": _mechanisms(result), "queue": _queue(result),
        "balances": _balances(result), "members": _members(result),
    }  # fmt: skip


def title(name: str) -> str:
    """Give what a mechanism is called in a picture."""
    return TITLES.get(name, name)


def _figure(
    width: float, height: float, rows: int = 1, columns: int = 1, **more: Any
) -> tuple["Figure", Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), facecolor="white")
    foot = 0.17 / height  # of the figure: room for the caption's line, however low the figure is
    figure.set_layout_engine("constrained", rect=(0, foot, 1, 1 - foot))
    return figure, figure.subplots(rows, columns, **more)


def _dress(axes: "Axes", heading: str) -> None:
    axes.set_title(heading, loc="left", fontweight="bold")
    axes.grid(color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _by_mechanism(result: Result) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {}
    for one in result.outcomes:
        found.setdefault(one.row.mechanism, []).append(one)
    return found


def _colour(number: int, of: int) -> Any:
    """Give one colour of as many as are needed: strong ones, and their pale ones too where ten do not do."""
    from matplotlib import colormaps

    return colormaps["tab20"]((number if of > 10 else 2 * number) % 20)


def _tradeoff(result: Result) -> "Figure":
    """Each mechanism's way from less money to more; further down and to the left is better."""
    groups = _by_mechanism(result)
    figure, axes = _figure(8.6, 5.6 if len(groups) <= CROWD else 6.4)
    funded: list[Outcome] = []
    for number, (name, runs) in enumerate(groups.items()):
        if name.endswith("-funded") and name in TITLES:
            funded.extend(runs)
            continue
        ordered = sorted(runs, key=lambda one: one.row.liquidity_bp)
        axes.plot(
            [one.row.liquidity_bp / 100 for one in ordered],
            [one.row.delay_index_milli / 1000 for one in ordered],
            marker="o" if runs[0].row.alpha else "s", markersize=4, linewidth=1.3,
            color=_colour(number, len(groups)), label=title(name) + ("" if runs[0].row.alpha else ", paid in"),
        )  # fmt: skip
    if funded:
        axes.plot(
            [one.row.liquidity_bp / 100 for one in funded], [one.row.delay_index_milli / 1000 for one in funded],
            color=INK, marker="s", markersize=4, linewidth=1, linestyle=":", label="netting, paid in as asked",
        )  # fmt: skip
    for number, least in enumerate(_least(groups)):
        axes.plot(
            *zip(*least, strict=True), color=MIST, linewidth=3, alpha=0.6, zorder=1.5, solid_capstyle="round",
            marker="_" if len(least) == 1 else "", markersize=14, markeredgewidth=3,
            label="" if number else "no rule is faster",
        )  # fmt: skip
    for low, high in sorted({(one.row.lower_minor, one.row.upper_minor) for one in result.outcomes}):
        gross = max(result.day.gross_minor, 1)
        axes.axvline(low / gross * 100, color=INK, linewidth=0.8, linestyle="--")
        axes.axvline(high / gross * 100, color=INK, linewidth=0.8, linestyle=":")
    axes.set_xlabel(
        "money of all participants, % of the day's gross value (dashed: lower bounds, dotted: upper)"
    )
    axes.set_ylabel("delay index (0 at once, 1 not before the close)")
    axes.set_yscale("function", functions=(_root, _square))  # most of what there is to see is near 0
    axes.set_yticks([0, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1])
    axes.set_ylim(0, 1.05)
    if len(groups) > CROWD:
        axes.legend(frameon=False, fontsize=8, ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.11))
    else:
        axes.legend(frameon=False, fontsize=8, ncols=2)
    _dress(axes, "Liquidity against delay")
    return figure


def _least(groups: dict[str, list[Outcome]]) -> list[list[tuple[float, float]]]:
    """Give the ways, from less money to more, that no rule comes below: one for each kind of money."""
    found = {
        tuple(sorted(
            (one.row.liquidity_bp / 100, one.row.least_delay_index_milli / 1000)
            for one in runs if one.row.least_delay_index_milli is not None
        )): None
        for runs in groups.values()
    }  # fmt: skip
    return [list(way) for way in found if way]


def _root(values: Any) -> Any:
    import numpy as np

    return np.sqrt(np.maximum(values, 0))


def _square(values: Any) -> Any:
    return values * values


def _mechanisms(result: Result) -> "Figure":
    """Share of value settled at the least money that was tried, and at the others beside it."""
    groups = {
        name: runs
        for name, runs in _by_mechanism(result).items()
        if runs[0].row.alpha or len(result.outcomes) == 1
    }
    figure, axes = _figure(8.6, 0.34 * len(groups) + 1.6)
    names = list(groups)
    levels = list(dict.fromkeys(one.row.alpha for one in result.outcomes if one.row.alpha))
    shades = (RED, PALE, BLUE, INK)
    height = 0.8 / max(len(levels), 1)
    for place, level in enumerate(levels):
        heights = [
            next((one.row.value_settled_bp / 100 for one in groups[name] if one.row.alpha == level), 0)
            for name in names
        ]
        where = [n - 0.4 + height * (place + 0.5) for n in range(len(names))]
        axes.barh(where, heights, height, color=shades[place % 4], label=f"alpha {level}")
    axes.set_yticks(range(len(names)), [title(name) for name in names])
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("value settled, % of the day")
    if levels:
        axes.legend(frameon=False, fontsize=8, loc="lower right", bbox_to_anchor=(1, 1), ncols=4)
    _dress(axes, "What each mechanism settles")
    return figure


def _small(result: Result, runs: list[Outcome]) -> "Figure":
    """One mechanism's day: value sent in grey, value settled at each level of money in colour."""
    figure, axes = _figure(6.4, 2.2)
    hours = [(result.day.opens_s + at_s) / 3600 for at_s in result.at_s]
    gross = max(result.day.gross_minor, 1)
    axes.fill_between(
        hours,
        [sent / gross * 100 for sent in runs[0].series.sent_minor],
        color="#e6eaed",
        linewidth=0,
        label="sent",
    )
    for shade, one in zip((RED, PALE, BLUE, INK), runs, strict=False):
        level = f"settled, alpha {one.row.alpha}" if one.row.alpha else "settled, money paid in as asked"
        settled = [value / gross * 100 for value in one.series.settled_minor]
        axes.plot(hours, settled, color=shade, linewidth=1.6, label=level)
    axes.set_ylim(0, 101)
    axes.set_ylabel("% of the day's value")
    axes.set_xlabel("hour of the day")
    axes.legend(frameon=False, fontsize=7.5, loc="upper left")
    _dress(axes, title(runs[0].row.mechanism))
    return figure


def _middle(runs: list[Outcome]) -> Outcome:
    return runs[len(runs) // 2]


def _some(
    result: Result, wanted: tuple[str, ...], most: int, of: Callable[[Outcome], bool] = lambda _: True
) -> dict[str, Outcome]:
    """Give the middle runs of some mechanisms, where there are more than `most` of the wanted, `of` those that fit."""
    groups = {name: _middle(runs) for name, runs in _by_mechanism(result).items() if of(_middle(runs))}
    if len(groups) <= most:
        return groups
    named = [name for name in wanted if name in groups]
    return {name: groups[name] for name in (named or list(groups))[:most]}


def _queue(result: Result) -> "Figure":
    figure, axes = _figure(8.6, 4.8)
    wanted = ("fifo", "bypass", "multilateral", "split-top1", "split", "pooled", "pooled-split", "net-12")
    hours = [(result.day.opens_s + at_s) / 3600 for at_s in result.at_s]
    gross = max(result.day.gross_minor, 1)
    for number, (name, one) in enumerate(_some(result, wanted, CROWD).items()):
        curves = zip(one.series.sent_minor, one.series.settled_minor, strict=True)
        waits = [(sent - settled) / gross * 100 for sent, settled in curves]
        level = f", alpha {one.row.alpha}" if one.row.alpha else "" if name in TITLES else ", paid in"
        axes.plot(hours, waits, linewidth=1.4, color=_colour(number, CROWD), label=title(name) + level)
    axes.set_xlabel("hour of the day")
    axes.set_ylabel("value waiting, % of the day")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=8, ncols=2)
    _dress(axes, "Value that waits")
    return figure


def _balances(result: Result) -> "Figure":
    """Percentiles over banks of balance by opening balance: how evenly money lies as the day goes on."""
    shown = _some(result, FANS, 4, lambda one: any(map(any, one.series.fan_milli)))
    rows, columns = max((len(shown) + 1) // 2, 1), max(min(len(shown), 2), 1)
    figure, grid = _figure(8.6, 2.5 * rows + 0.8, rows, columns, sharex=True, sharey=True, squeeze=False)
    hours = [(result.day.opens_s + at_s) / 3600 for at_s in result.at_s]
    half = len(FAN) // 2
    for axes, (name, one) in zip(grid.flat, shown.items(), strict=False):
        lines = list(zip(*one.series.fan_milli, strict=True))
        for ring in range(1, half):
            low, high = ([value / 10 for value in lines[place]] for place in (ring, len(FAN) - 1 - ring))
            axes.fill_between(hours, low, high, color=BLUE, alpha=0.12 + 0.12 * ring, linewidth=0)
        axes.plot(hours, [value / 10 for value in lines[half]], color=BLUE, linewidth=1.6)
        axes.set_ylim(0, 300)
        _dress(axes, title(name))
    for axes in list(grid.flat)[len(shown) :]:
        axes.set_visible(False)
    key = "line: median of banks; dark: middle half; pale: middle four fifths; cut at 300"
    figure.text(0.005, 0.005, key, ha="left", va="bottom", fontsize=7)
    for axes in grid[-1]:
        axes.set_xlabel("hour of the day")
    figure.supylabel("balance, % of opening", fontsize=9)
    return figure


def _members(result: Result) -> "Figure":
    """Settled value from member (down) to member (across) of the richest settlement at hand."""
    best = max(result.outcomes, key=lambda one: one.row.settled_minor, default=None)
    members = result.day.members
    figure, axes = _figure(7.4, 6.4)
    if best is not None and members:
        shares = [
            [value / max(best.row.settled_minor, 1) * 100 for value in line]
            for line in best.series.corridors_minor
        ]
        most = max((share for line in shares for share in line), default=0) or 1
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=most)
        for y, line in enumerate(shares):
            for x, share in enumerate(line):
                if share >= 0.05 and len(members) <= 20:
                    ink = "white" if share > most * 0.6 else INK
                    axes.text(x, y, f"{share:.1f}", ha="center", va="center", fontsize=7.5, color=ink)
    axes.set_xticks(range(len(members)), members, rotation=0 if len(members) <= 12 else 90)
    axes.set_yticks(range(len(members)), members)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_xlabel("paid to banks of")
    axes.set_ylabel("paid by banks of")
    axes.spines[:].set_visible(False)
    heading = f"Settled value by corridor, % of all ({title(best.row.mechanism)})" if best is not None else ""
    axes.set_title(heading, loc="left", fontweight="bold", pad=26)
    return figure
