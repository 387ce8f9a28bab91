"""Initial margin by filtered historical simulation (FHS): what past days would cost, at today's volatility.

The variance v of a contract's returns is followed by v = lambda v + (1 - lambda) r^2 after each return r. Return i
is scaled by sqrt(v after the last / v before i): a calm day of the past counts as what it would be today. The loss
of a position in a scenario is -value x return x sqrt(days). With n scenarios and confidence c

    VaR = the k-th largest loss, k = ceil(n (1 - c)), c an exact decimal
    margin = max(VaR, 0.75 VaR + 0.25 stressed VaR), at least 0, rounded up to a minor unit

where the stressed VaR is the same on the unscaled returns of a period of stress. Expected shortfall, the mean of the
k largest losses, is told beside it.

The model works in 64-bit floats, but only by single additions, products, quotients and roots, in a fixed order:
IEEE 754 rounds each of them in one way, so that every machine finds the same margin. No matrix product and no
sum of an array stands here, whose order a library may choose. `VERSION` changes with anything that changes a margin.

Source: Barone-Adesi, Giannopoulos and Vosper, "VaR without correlations for portfolios of derivative securities"
(1999).
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from hashlib import sha256
from math import ceil, inf, sqrt
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

VERSION = "fhs/1"
CONFIDENCE, DAYS, DECAY = "0.99", 2, "0.94"
VAR_SHARE, STRESS_SHARE = 0.75, 0.25

Number = int | str | float | Fraction


class History(NamedTuple):
    """The past of some contracts: returns by scenario (oldest first), then contract; the variances before them."""

    returns: Sequence[Sequence[float]]
    var0: Sequence[float]
    stress_returns: Sequence[Sequence[float]] = ()


class Risk(NamedTuple):
    """What the model finds for one portfolio; all but the margin in minor units, not rounded."""

    var: float
    es: float
    stressed_var: float
    exact: float
    """the margin before it is rounded up; may be below zero"""

    @property
    def margin(self) -> int:
        """Give the margin in whole minor units."""
        return max(0, ceil(self.exact))


def worst_count(scenarios: int, confidence: Number) -> int:
    """Give k, how many of the scenarios count as worse than the confidence; at least 1.

    >>> worst_count(500, "0.99"), worst_count(501, "0.99"), worst_count(50, "0.999")
    (5, 6, 1)
    """
    share = 1 - _decimal(confidence)
    if not 0 <= share < 1:
        raise ValueError("a confidence is more than 0 and at most 1")
    return max(1, -(-scenarios * share.numerator // share.denominator))


def fhs_margin(
    position_value: int,
    returns: Sequence[float],
    *,
    var0: float,
    stress_returns: Sequence[float] = (),
    days: int = DAYS,
    confidence: Number = CONFIDENCE,
    decay: Number = DECAY,
) -> int:
    """Give the margin for a position of one contract, worth `position_value` minor units (below zero: sold).

    `decay` is lambda. Needs a return at least, and a variance above zero before the first.

    >>> fhs_margin(1_000_000, [0.01, -0.02, 0.005], var0=0.0001, confidence="0.9", days=1)
    21206
    """
    history = History([[one] for one in returns], [var0], [[one] for one in stress_returns])
    return fhs_risk([[position_value]], history, days=days, confidence=confidence, decay=decay)[0].margin


def fhs_risk(
    values: Sequence[Sequence[int]],
    history: History,
    *,
    days: int = DAYS,
    confidence: Number = CONFIDENCE,
    decay: Number = DECAY,
) -> list[Risk]:
    """Give the risk of each portfolio; `values` are minor units by portfolio, then contract."""
    import numpy as np

    held = np.asarray(values, dtype=np.float64)
    past = np.asarray(history.returns, dtype=np.float64)
    if past.ndim != 2 or not past.size or held.ndim != 2 or held.shape[1] != past.shape[1]:
        raise ValueError("the model needs a return of every contract in every scenario")
    root = sqrt(days)
    k = worst_count(len(past), confidence)
    worst = _worst(held, scaled(past, history.var0, decay), k, root)
    stress = np.asarray(history.stress_returns, dtype=np.float64)
    stressed = (
        _worst(held, stress, worst_count(len(stress), confidence), root)[:, -1].tolist()
        if stress.size
        else None
    )
    found = []
    for place, row in enumerate(worst.tolist()):
        total = 0.0
        for loss in row:
            total += loss
        var = row[-1]
        stressed_var = var if stressed is None else stressed[place]
        exact = max(var, VAR_SHARE * var + STRESS_SHARE * stressed_var)
        found.append(Risk(var, total / k, stressed_var, exact))
    return found


def variances(returns: "Floats", var0: Sequence[float], decay: Number) -> "Floats":
    """Give the variance before each return and, in a last row, after all; by scenario, then contract."""
    import numpy as np

    keep = float(_decimal(decay))
    if not 0 < keep < 1:
        raise ValueError("the decay lies between 0 and 1")
    rows = np.empty((len(returns) + 1, returns.shape[1]))
    rows[0] = var0
    fresh = (1.0 - keep) * (returns * returns)
    for place in range(len(returns)):
        np.multiply(rows[place], keep, out=rows[place + 1])
        rows[place + 1] += fresh[place]
    if not ((rows > 0).all() and (rows < inf).all()):
        raise ValueError("a variance is more than zero and finite")
    return rows


def scaled(returns: "Floats", var0: Sequence[float], decay: Number) -> "Floats":
    """Give the returns as they would be at today's volatility."""
    import numpy as np

    rows = variances(returns, var0, decay)
    scenarios: Floats = returns * np.sqrt(rows[-1] / rows[:-1])
    return scenarios


def sigma_now(returns: Sequence[float], var0: float, decay: Number = DECAY) -> float:
    """Give the volatility of one contract after the last return."""
    import numpy as np

    rows = variances(np.asarray(returns, dtype=np.float64).reshape(-1, 1), [var0], decay)
    return sqrt(float(rows[-1, 0]))


def inputs_hash(values: Sequence[Sequence[int]], history: History, *settings: Number) -> bytes:
    """Give SHA-256 over everything that a margin was found from, the model's version first."""
    whole = sha256(VERSION.encode() + b"\0")

    def add(kind: bytes, rows: Iterable[Iterable[object]]) -> None:
        for row in rows:
            whole.update(kind + ",".join(str(one) for one in row).encode() + b"\n")

    add(b"v", values)
    add(b"r", ((float(one).hex() for one in row) for row in history.returns))
    add(b"0", [[float(one).hex() for one in history.var0]])
    add(b"s", ((float(one).hex() for one in row) for row in history.stress_returns))
    add(b"c", [[str(_decimal(one)) for one in settings]])
    return whole.digest()


def _worst(held: "Floats", scenarios: "Floats", k: int, root: float) -> "Floats":
    """Give the k largest losses of each portfolio, largest first.

    Losses are summed contract by contract, so that the order of the sum is the same everywhere.
    """
    import numpy as np

    columns = np.ascontiguousarray(scenarios.T)
    losses = np.multiply.outer(-held[:, 0], columns[0])
    part = np.empty_like(losses)
    for place in range(1, held.shape[1]):
        np.multiply.outer(held[:, place], columns[place], out=part)
        losses -= part
    place = losses.shape[1] - k
    if place:
        losses = np.partition(losses, place, axis=1)[:, place:]
    worst: Floats = np.sort(losses, axis=1)[:, ::-1] * root
    return worst


def _decimal(number: Number) -> Fraction:
    """Give the exact number that was written: a float means its shortest decimal text."""
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)
