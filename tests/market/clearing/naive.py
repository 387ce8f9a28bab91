"""The margin models and the waterfall once more, as slowly and plainly as they can be written."""

from decimal import Decimal, getcontext
from fractions import Fraction
from math import ceil

getcontext().prec = 60


def waterfall(loss, layers):
    """Pour a loss over layers, a unit at a time; a layer is {id: what it has}. Gives what each pays.

    Of the members of a layer the one pays that is furthest below its exact share of what the layer pays.
    """
    paid = []
    for layer in layers:
        part = min(loss, sum(layer.values()))
        loss -= part
        exact = {one: Fraction(part * has, sum(layer.values()) or 1) for one, has in layer.items()}
        given = {one: int(share) for one, share in exact.items()}
        while sum(given.values()) < part:
            given[min(sorted(given), key=lambda one: given[one] - exact[one])] += 1
        paid.append(given)
    return paid, loss


def risk(values, columns, var0s, *, days, confidence, decay):
    """Give VaR and expected shortfall in exact decimals; `columns` are returns by contract."""
    n = len(columns[0])
    k = max(1, ceil(n * (1 - Fraction(confidence))))
    losses = [Decimal(0)] * n
    for value, column, var0 in zip(values, columns, var0s, strict=True):
        if decay is None:
            moved = [Decimal(one) for one in column]
        else:
            keep, v, before = Decimal(decay), Decimal(var0), []
            for one in column:
                before.append(v)
                v = keep * v + (1 - keep) * Decimal(one) ** 2
            moved = [Decimal(one) * (v / b).sqrt() for one, b in zip(column, before, strict=True)]
        for place, one in enumerate(moved):
            losses[place] -= value * one * Decimal(days).sqrt()
    worst = sorted(losses, reverse=True)[:k]
    return worst[-1], sum(worst) / k
