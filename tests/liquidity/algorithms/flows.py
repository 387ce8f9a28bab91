"""What the tests of flows share: random queues, an LP of the same question, random ways to change a certificate."""

import random

from hypothesis import strategies as st
from msgspec.structs import replace

from steelyard.liquidity.queue import ALL, Queued, Room

NAMES = ("A", "B", "C", "D")


@st.composite
def queues(draw, *, most=12, classes=(0, 1, 2), ages=(0, 1, 2000), split=(True, False), floors=(0, 1, 3)):
    """Draw balances, payments and limits of four accounts at most."""
    names = NAMES[: draw(st.integers(2, len(NAMES)))]
    balances = {name: draw(st.integers(0, 12)) for name in names}
    payments = []
    for number in range(draw(st.integers(0, most))):
        payer = draw(st.sampled_from(names))
        payments.append(
            Queued(
                id=f"p{number}",
                payer=payer,
                payee=draw(st.sampled_from([name for name in names if name != payer])),
                amount_minor=draw(st.integers(1, 20)),
                priority=draw(st.sampled_from(classes)),
                seq=number,
                age_cycles=draw(st.sampled_from(ages)),
                may_split=draw(st.sampled_from(split)),
                floor_minor=draw(st.sampled_from(floors)),
            )
        )
    return balances, tuple(payments), draw(limits_of(names))


@st.composite
def limits_of(draw, names):
    """Draw bilateral and multilateral rooms, none or some."""
    pairs = [(one, two) for one in names for two in names if one != two]
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=4, unique=True))
    rooms = [Room(one, two, draw(st.integers(0, 15))) for one, two in chosen]
    totals = draw(st.lists(st.sampled_from(names), max_size=2, unique=True))
    return tuple(rooms + [Room(name, ALL, draw(st.integers(0, 15))) for name in totals])


def most_by_lp(balances, payments, limits):
    """Give the most value by a linear program over single payments, written without any network."""
    from ortools.linear_solver import pywraplp

    program = pywraplp.Solver.CreateSolver("GLOP")
    part = {one.id: program.NumVar(0, one.amount_minor, one.id) for one in payments}
    for name, balance in balances.items():
        out = sum(part[one.id] for one in payments if one.payer == name)
        into = sum(part[one.id] for one in payments if one.payee == name)
        program.Add(out - into <= balance)
    for owner, others, room in scopes(balances, limits):
        normal = [one for one in payments if one.priority == 2]
        out = sum(part[one.id] for one in normal if one.payer == owner and one.payee in others)
        into = sum(part[one.id] for one in normal if one.payee == owner and one.payer in others)
        program.Add(out - into <= room)
    program.Maximize(sum(part.values()) if part else 0)
    assert program.Solve() == pywraplp.Solver.OPTIMAL
    return round(program.Objective().Value())


def scopes(balances, limits):
    """Give (owner, counterparties, room) of each limit."""
    ruled = {(one.owner, one.counterparty) for one in limits}
    for one in limits:
        if one.counterparty == ALL:
            others = {name for name in balances if name != one.owner and (one.owner, name) not in ruled}
        else:
            others = {one.counterparty}
        yield one.owner, others, one.room_minor


def broken_rules(balances, payments, limits, parts):
    """Give the rules that settling these parts would break; empty: feasible."""
    by_id = {one.id: one for one in payments}
    faults = [f"{key} is not queued" for key in parts if key not in by_id]
    left = dict(balances)
    for key, part in parts.items():
        one = by_id[key]
        left[one.payer] -= part
        left[one.payee] += part
        rest = one.amount_minor - part
        if not 0 < part <= one.amount_minor:
            faults.append(f"{key} settles {part}")
        if rest and not one.may_split:
            faults.append(f"{key} is split")
        if rest and (part < one.floor_minor or rest < one.floor_minor):
            faults.append(f"{key} has a part below its floor")
    faults += [f"{name} is short" for name, balance in left.items() if balance < 0]
    for owner, others, room in scopes(balances, limits):
        net = 0
        for key, part in parts.items():
            one = by_id[key]
            if one.priority == 2:
                net += part * (one.payer == owner and one.payee in others)
                net -= part * (one.payee == owner and one.payer in others)
        if net > room:
            faults.append(f"{owner} passes a limit")
    return faults


def changed(certificate, draw):
    """Give the certificate with one figure changed."""
    kind = draw(st.sampled_from(["flow", "capacity", "lower", "reward", "potential", "value", "constant"]))
    by = draw(st.integers(-3, 3).filter(bool))
    places = {"lower": 2, "capacity": 3, "reward": 4, "flow": 5}
    if kind == "potential":
        at = draw(st.integers(0, len(certificate.potential) - 1))
        potential = list(certificate.potential)
        potential[at] += by
        return _with(certificate, potential=tuple(potential))
    if kind in places and certificate.arcs:
        at = draw(st.integers(0, len(certificate.arcs) - 1))
        arcs = [list(arc) for arc in certificate.arcs]
        arcs[at][places[kind]] += by
        return _with(certificate, arcs=tuple(map(tuple, arcs)))
    if kind == "constant":
        return _with(certificate, constant=certificate.constant + by)
    return _with(certificate, value=certificate.value + by)


def _with(certificate, **fields):
    import msgspec

    return msgspec.structs.replace(certificate, **fields)


def shuffled(payments, order):
    """Give the payments in another order of the list, themselves unchanged."""
    return tuple(replace(payments[place]) for place in order)


def mixed(seed):
    """Give a queue of everything at once: up to 60 payments, debts, limits, reservations, all classes and ages."""
    rng = random.Random(seed)
    names = [f"b{number}" for number in range(rng.randint(2, 7))]
    debts = rng.random() < 0.3
    balances = {name: rng.randint(-20 if debts and rng.random() < 0.3 else 0, 60) for name in names}
    classes = rng.choice([(2,), (0, 2), (0, 1, 2), (0,)])
    payments = tuple(
        Queued(
            f"p{number}",
            *rng.sample(names, 2),
            rng.randint(1, rng.choice([10, 100])),
            rng.choice(classes),
            number,
            rng.choice([0, 0, 5, 3000]),
            rng.random() < 0.6,
            rng.choice([0, 0, 3, 10]),
        )
        for number in range(rng.randint(0, 60))
    )
    limits = [Room(name, ALL, rng.randint(0, 60)) for name in names if rng.random() < 0.3]
    limits += [
        Room(one, two, rng.randint(0, 60))
        for one in names
        for two in names
        if one != two and rng.random() < 0.2
    ]
    reserved = {name: (rng.randint(0, 30), rng.randint(0, 30)) for name in names if rng.random() < 0.3}
    return (
        balances,
        payments,
        tuple(limits) if rng.random() < 0.6 else (),
        reserved if rng.random() < 0.5 else {},
    )
