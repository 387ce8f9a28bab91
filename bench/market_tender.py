"""Tenders and energy: how long the solvers take, the proof and the machine's own exact check included.

The tender: 60 offers of 12 ports, 10 vessels a port, shares, port capacities, a ceiling on suppliers. The network:
200 who have, 200 who need, a route between any two. One more lane: 100 and 100 with 3,000 routes, five pipelines that
share them, and losses on the way, as a linear programme with its exact proof.
"""

import random
import time
from collections.abc import Iterator

from bench.figures import Figure, main
from steelyard.market.award import Award, award, check, propose
from steelyard.market.energy.general import general
from steelyard.market.energy.generally import check_general, propose_general
from steelyard.market.energy.match import Matched
from steelyard.market.energy.matching import check_match, match_energy, propose_match
from steelyard.market.energy.network import Node, Route, Shared, network
from steelyard.market.tender import Capacity, Offer, Tender, Vessel
from steelyard.market.tender_problem import narrowed, numbered
from steelyard.market.tender_solver import Found
from steelyard.solve.tender import CpSatTender
from steelyard.solve.transport import TransportSolver

SEEDS = (1, 2, 3)


def tender(seed: int, offers: int = 60, vessels: int = 10, ports: int = 12) -> Tender:
    """Draw a tender."""
    draw = random.Random(seed)
    names = [f"port {no:02}" for no in range(ports)]
    sellers = []
    for no in range(offers):
        most = draw.randrange(1, 4)
        sellers.append(
            Offer(
                f"o{no:02}", f"s{no % 25}", f"c{draw.randrange(6)}", draw.choice(names),
                draw.randrange(22_000, 26_000, 25), most, draw.randrange(1, most + 1), offered_at=no,
            )
        )  # fmt: skip
    ships = tuple(
        Vessel(f"{port} v{no}", port, draw.randrange(1_200, 3_000, 10), draw.randrange(1, 4))
        for port in names
        for no in range(vessels)
    )
    rules = tuple(Capacity(port, 3) for port in names)
    return Tender(10, 50_000, tuple(sellers), ships, 4, rules, suppliers_max=6, insurance_bp=12)


def transport(seed: int, each: int = 200) -> tuple[list[Node], list[Route]]:
    """Draw a network of who has and who needs, with a route between any two."""
    draw = random.Random(seed)
    nodes = [Node(f"s{no}", draw.randrange(1, 1_000)) for no in range(each)]
    nodes += [Node(f"d{no}", -draw.randrange(1, 800)) for no in range(each)]
    routes = [
        Route(f"s{one}-d{two}", f"s{one}", f"d{two}", draw.randrange(1, 1_000))
        for one in range(each)
        for two in range(each)
    ]
    return nodes, routes


def pipelines(seed: int, *, keeps: int, each: int = 100) -> tuple[list[Node], list[Route], list[Shared]]:
    """Draw a network whose routes share five pipelines and keep at least so many hundredths."""
    draw = random.Random(seed)
    nodes = [Node(f"s{no}", draw.randrange(1, 1_000)) for no in range(each)]
    nodes += [Node(f"d{no}", -draw.randrange(1, 800)) for no in range(each)]
    routes = [
        Route(
            f"s{one}-d{two}", f"s{one}", f"d{two}", draw.randrange(1, 1_000),
            keeps=(draw.randrange(keeps, 101), 100),
        )
        for one in range(each)
        for two in range(each)
        if draw.random() < 0.3
    ]  # fmt: skip
    shares = [tuple(one.id for one in draw.sample(routes, len(routes) // 10)) for _ in range(5)]
    return nodes, routes, [Shared(f"pipe {no}", 25 * each, some) for no, some in enumerate(shares)]


def rows() -> Iterator[Figure]:
    """Give the figures, the slowest of some seeds."""
    CpSatTender().least(
        narrowed(numbered(tender(0, offers=3))).problem
    )  # OR-Tools is loaded at its first use
    best, whole, checking = [], [], []
    for seed in SEEDS:
        asked, solver = tender(seed), CpSatTender()
        begun = time.perf_counter()
        found = solver.least(narrowed(numbered(asked)).problem)
        best.append(time.perf_counter() - begun)
        assert isinstance(found, Found)
        assert found.proved
        begun = time.perf_counter()
        made = award(asked, solver=solver)
        whole.append(time.perf_counter() - begun)
        assert isinstance(made, Award)
        assert made.cost_minor == found.cost_minor
        proposal = propose(asked, solver=solver)
        begun = time.perf_counter()
        check(asked, proposal)
        checking.append(time.perf_counter() - begun)
    yield Figure("tender 60 x 10 x 12: best award, proved", max(best) * 1000, "ms", 1000, at_most=True)
    yield Figure(
        "tender 60 x 10 x 12: with second best, entry prices, check",
        max(whole) * 1000,
        "ms",
        2000,
        at_most=True,
    )
    yield Figure("tender 60 x 10 x 12: the machine's check", max(checking) * 1000, "ms")
    times, checking = [], []
    for seed in SEEDS:
        nodes, routes = transport(seed)
        begun = time.perf_counter()
        matched = match_energy(nodes, routes, solver=TransportSolver())
        times.append(time.perf_counter() - begun)
        assert isinstance(matched, Matched)
        net = network(nodes, routes)
        match = propose_match(net, solver=TransportSolver())
        begun = time.perf_counter()
        check_match(net, match)
        checking.append(time.perf_counter() - begun)
    yield Figure("energy 200 x 200: matched, proved and checked", max(times) * 1000, "ms", 1000, at_most=True)
    yield Figure("energy 200 x 200: the machine's check", max(checking) * 1000, "ms")
    yield from shared()


def shared() -> Iterator[Figure]:
    """Give the figures of networks that are not plain, the slowest of some seeds."""
    solver = TransportSolver()
    for keeps, what in ((100, "shared"), (95, "shared, lossy")):
        times, checking = [], []
        for seed in SEEDS:
            net = general(*pipelines(seed, keeps=keeps))
            begun = time.perf_counter()
            match = propose_general(net, solver=solver)
            middle = time.perf_counter()
            assert isinstance(check_general(net, match), Matched)
            times.append(time.perf_counter() - begun)
            checking.append(time.perf_counter() - middle)
        yield Figure(
            f"energy 100 x 100, {what}: matched, proved and checked",
            max(times) * 1000,
            "ms",
            5000,
            at_most=True,
        )
        yield Figure(f"energy 100 x 100, {what}: the machine's check", max(checking) * 1000, "ms")


if __name__ == "__main__":
    main(rows)
