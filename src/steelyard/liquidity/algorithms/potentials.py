"""Potentials that prove a flow optimal: shortest distances in its residual graph, from a root one step (0) away.

They are not taken from the solver: these are unique, so the same flow has the same certificate whoever found it.
"""

import numpy as np

from steelyard.liquidity.algorithms.network import Network
from steelyard.liquidity.solver import Ints


class NotOptimal(ArithmeticError):
    """A solver's flow can be improved: its answer is not used."""


def potentials(network: Network, flow: Ints) -> Ints:
    """Give the shortest distance of each node, by Bellman-Ford; raises NotOptimal where some cycle gains.

    An arc with room left may be gone along at the cost -reward, one above its lower bound back at +reward.
    """
    count = len(network.nodes)
    ahead, back = flow < network.capacity, flow > network.lower
    source = np.concatenate((network.tail[ahead], network.head[back]))
    target = np.concatenate((network.head[ahead], network.tail[back]))
    cost = np.concatenate((-network.reward[ahead], network.reward[back]))
    distance = np.zeros(count, np.int64)
    if not len(source):
        return distance
    by = np.argsort(target, kind="stable")
    source, target, cost = source[by], target[by], cost[by]
    starts = np.flatnonzero(np.r_[True, target[1:] != target[:-1]])
    reached = target[starts]
    for _ in range(count + 1):
        best = np.minimum(np.minimum.reduceat(distance[source] + cost, starts), distance[reached])
        if np.array_equal(best, distance[reached]):
            return distance
        distance[reached] = best
    raise NotOptimal("a cycle of the residual graph gains")
