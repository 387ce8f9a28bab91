"""Pictures of a day: where money went, what moved and waited, how long finality took, what other rules need.

Shares, not sums, wherever currencies stand side by side: there is no yardstick currency here.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from steelyard.sim.demo.book import SETTLED, Book, Line
from steelyard.sim.demo.saving import TITLES, Saving
from steelyard.sim.demo.summary import Summary
from steelyard.values.instants import DAY, HOUR, SECOND

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, GRID = "#26323d", "#d9dfe4"
STEPS = 480
SHOWN_AFTER = 2 * HOUR
"""How long after the last payment was sent a picture of the day goes on."""
AT_ONCE_MIN = 0.1
"""Left edge of the picture of finality, in minutes: what is final sooner stands there."""


def draw_all(
    book: Book, summary: Summary, saving: Saving, folder: Path, *, day_starts_at: int, caption: str
) -> list[Path]:
    """Write corridors, liquidity, finality and pooling as PNG and SVG; gives the PNG files."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams.update(
        {
            "svg.hashsalt": "steelyard",
            "font.size": 10,
            "axes.edgecolor": INK,
            "text.color": INK,
            "axes.labelcolor": INK,
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    lines = list(book.payments.values())
    return [
        _save(_corridors(summary), folder / "corridors", caption),
        _save(_liquidity(lines, day_starts_at), folder / "liquidity", caption),
        _save(_finality(lines), folder / "finality", caption),
        _save(_pooling(saving), folder / "pooling", caption),
    ]


def _figure(width: float, height: float, rows: int = 1) -> tuple["Figure", Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    return figure, figure.subplots(rows, 1, sharex=True)


def _save(figure: "Figure", stem: Path, caption: str) -> Path:
    figure.axes[-1].annotate(
        caption, (1, 0), (0, -34), xycoords="axes fraction", textcoords="offset points", ha="right", va="top",
        fontsize=7, color="#6b7782",
    )  # fmt: skip
    figure.savefig(stem.with_suffix(".svg"), metadata={"Date": None})
    figure.savefig(stem.with_suffix(".png"), dpi=130)
    return stem.with_suffix(".png")


def _corridors(summary: Summary) -> "Figure":
    """A table of squares: payers down, payees across, area and figure by number of settled payments."""
    codes = sorted({item.payer for item in summary.corridors} | {item.payee for item in summary.corridors})
    place = {code: number for number, code in enumerate(codes)}
    most = max((item.settled for item in summary.corridors), default=1) or 1
    figure, axes = _figure(8.2, 7.6)
    for item in summary.corridors:
        x, y = place[item.payee], place[item.payer]
        side = (item.settled / most) ** 0.5 * 0.92
        axes.add_patch(_square(x, y, side))
        axes.text(x, y, str(item.settled), ha="center", va="center", fontsize=8, color=INK)
    _frame(axes, codes)
    axes.set_title("Settled payments by corridor", loc="left", fontweight="bold")
    return figure


def _square(x: int, y: int, side: float) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((x - side / 2, y - side / 2), side, side, facecolor="#9cc5dd", edgecolor="none")


def _frame(axes: "Axes", codes: list[str]) -> None:
    axes.set_xlim(-0.6, len(codes) - 0.4)
    axes.set_ylim(len(codes) - 0.4, -0.6)
    axes.set_aspect("equal")
    axes.set_xticks(range(len(codes)), codes)
    axes.set_yticks(range(len(codes)), codes)
    axes.xaxis.tick_top()
    axes.set_xlabel("paid to banks of")
    axes.set_ylabel("paid by banks of")
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _liquidity(lines: list[Line], day_starts_at: int) -> "Figure":
    """Above: what has left the payers' banks so far; below: what waits; each as a share of the currency's day."""
    from matplotlib import colormaps

    figure, (moved, waits) = _figure(8.6, 7.2, rows=2)
    last = max((line.entered_at for line in lines), default=day_starts_at) + SHOWN_AFTER
    times = np.linspace(day_starts_at, last, STEPS).astype(np.int64)
    hours = (times - day_starts_at // DAY * DAY) / HOUR
    for number, code in enumerate(sorted({line.source for line in lines})):
        mine = [line for line in lines if line.source == code]
        total = sum(line.source_minor for line in mine) or 1
        settled = [line for line in mine if line.state in SETTLED]
        gone = _running([(line.settled_at, line.source_minor) for line in settled], times)
        entered = _running([(line.entered_at, line.source_minor) for line in mine], times)
        ended = _running([(line.ended_at, line.source_minor) for line in mine if line.ended_at], times)
        colour = colormaps["tab10"](number % 10)
        moved.plot(hours, gone / total * 100, label=code, color=colour, linewidth=1.4)
        waits.plot(hours, (entered - ended) / total * 100, color=colour, linewidth=1.4)
    moved.set_title("Value settled so far, share of the currency's day (%)", loc="left", fontweight="bold")
    waits.set_title("Value waiting, share of the currency's day (%)", loc="left", fontweight="bold")
    waits.set_xlabel("hour of the day (UTC)")
    moved.legend(ncols=5, frameon=False, fontsize=8)
    for axes in (moved, waits):
        axes.grid(color=GRID, linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def _running(events: list[tuple[int, int]], times: Any) -> Any:
    """Give the running sum of amounts at each time, as shares want it: floats for a picture only."""
    if not events:
        return np.zeros(len(times))
    ordered = sorted(events)
    at = np.array([event[0] for event in ordered], dtype=np.int64)
    sums = np.cumsum(np.array([float(event[1]) for event in ordered]))
    places = np.searchsorted(at, times, side="right")
    return np.where(places > 0, sums[np.maximum(places - 1, 0)], 0.0)


def _finality(lines: list[Line]) -> "Figure":
    """Share of settled payments final within a time, the waiting ones on a logarithmic axis."""
    waits = np.sort(
        np.array(
            [(line.settled_at - line.entered_at) / (60 * SECOND) for line in lines if line.state in SETTLED]
        )
    )
    figure, axes = _figure(8.2, 4.6)
    if len(waits):
        share = np.arange(1, len(waits) + 1) / len(waits) * 100
        axes.step(np.maximum(waits, AT_ONCE_MIN), share, where="post", color="#2f7ea8", linewidth=1.8)
        axes.set_xscale("log")
        axes.set_xticks([AT_ONCE_MIN, 1, 10, 100], ["at once", "1", "10", "100"])
        axes.set_xlim(AT_ONCE_MIN * 0.9)
    axes.set_ylim(0, 101)
    axes.set_xlabel("minutes from entry to finality, on the day's own clock")
    axes.set_ylabel("settled payments (%)")
    axes.set_title("Time to finality", loc="left", fontweight="bold")
    axes.grid(color=GRID, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _pooling(saving: Saving) -> "Figure":
    """Above: the money each rule needs to settle everything, and what it settles with half; below: what waits."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.6, 7.2), layout="constrained", facecolor="white")
    need, wait = figure.subplots(2, 1, height_ratios=(2, 3))
    names = [name for name in TITLES if name in saving.waiting_bp]
    colours = dict(zip(names, ("#8a97a3", "#c98b3a", "#2f7ea8", "#3c8d6b"), strict=True))
    rows = {(row.mechanism, row.alpha): row for row in saving.rows}
    for place, name in enumerate(names):
        whole, half = rows[name, "0"], rows[name, "-0.5"]
        share = whole.liquidity_bp / 100
        need.barh(place, share, height=0.62, color=colours[name])
        told = f"{share:.1f} %; with half of it {half.value_settled_bp / 100:.1f} % settles"
        need.text(share + 0.3, place, told, va="center", fontsize=8, color=INK)
        hours = (np.array(saving.at_s) + saving.opens_s) / (HOUR // SECOND)
        wait.plot(
            hours,
            np.array(saving.waiting_bp[name]) / 100,
            color=colours[name],
            label=TITLES[name],
            linewidth=1.5,
        )
    need.set_yticks(range(len(names)), [TITLES[name] for name in names])
    need.invert_yaxis()
    need.set_xlim(0, max(row.liquidity_bp for row in saving.rows) / 100 * 1.7)
    need.set_title("Money that the day needs, share of its value (%)", loc="left", fontweight="bold")
    wait.set_title("Value waiting with that money, share of the day (%)", loc="left", fontweight="bold")
    wait.set_xlabel("hour of the day (UTC)")
    wait.legend(frameon=False, fontsize=8)
    for axes, lines in ((need, "x"), (wait, "both")):
        axes.grid(axis=lines, color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
    need.tick_params(axis="y", length=0)
    return figure
