"""Make the cases of `tests/vectors/liquidity/` by brute force: `python -m tests.vectors.make_liquidity`.

Nothing of the system is used: answers come from trying every possibility, or from following a rule on plain
lists. Amounts are small while that is done and scaled afterwards, which changes no answer but its size.
"""

import json
import random
from fractions import Fraction
from itertools import chain, combinations, pairwise, product
from pathlib import Path

HERE = Path(__file__).parent / "liquidity"
NAMES = ("A", "B", "C", "D")


# Settlement of one currency


def settled_on_entry(balances, payments, *, bypass):
    """Play payments in, looking at whole queues; give ids in order, balances, who waits."""
    left, waiting, todo, done = dict(balances), [], [], []

    def pay(one):
        if one["amount"] > left[one["payer"]]:
            return False
        left[one["payer"]] -= one["amount"]
        left[one["payee"]] += one["amount"]
        done.append(one["id"])
        if one["payee"] not in todo:
            todo.append(one["payee"])
        return True

    for one in sorted(payments, key=lambda one: one["seq"]):
        ahead = [each for each in waiting if each["payer"] == one["payer"] and each["prio"] <= one["prio"]]
        if (ahead and not bypass) or not pay(one):
            waiting.append(one)
        while todo:
            account = todo.pop(0)
            for each in in_queue_order(waiting):
                if each["payer"] != account:
                    continue
                if pay(each):
                    waiting.remove(each)
                elif not bypass:
                    break
    queued = sorted(waiting, key=lambda one: (one["payer"], one["prio"], one["seq"]))
    return {"settled_in_order": done, "final_balances": left, "queued": [one["id"] for one in queued]}


def in_queue_order(payments):
    """Sort as queues do."""
    return sorted(payments, key=lambda one: (one["prio"], one["seq"]))


def after(balances, payments):
    """Give the balances after payments."""
    left = dict(balances)
    for one in payments:
        left[one["payer"]] -= one["amount"]
        left[one["payee"]] += one["amount"]
    return left


def total(payments):
    """Give the sum of amounts."""
    return sum(one["amount"] for one in payments)


def prefixes(queues):
    """Give every choice of payments from the heads of some queues."""
    for counts in product(*(range(len(queue) + 1) for queue in queues)):
        yield list(chain(*(queue[:count] for queue, count in zip(queues, counts, strict=True))))


def largest(balances, queues):
    """Give the choice from the heads with most payments that leaves nobody below zero."""
    fits = (them for them in prefixes(queues) if min(after(balances, them).values()) >= 0)
    return max(fits, key=len)


def gridlock(balances, payments):
    """Give the largest set from the heads of all queues."""
    queues = [[one for one in in_queue_order(payments) if one["payer"] == name] for name in balances]
    them = largest(balances, queues)
    ids = sorted(one["id"] for one in them)
    return {"settled": ids, "post_balances": after(balances, them), "value": total(them)}


def offsets(balances, payments):
    """Give for each pair alone what settles, if both ways."""
    found = {}
    for u, v in combinations(sorted(balances), 2):
        queues = [
            [one for one in in_queue_order(payments) if (one["payer"], one["payee"]) == way]
            for way in ((u, v), (v, u))
        ]
        them = largest(balances, queues)
        if len({one["payer"] for one in them}) == 2:
            found[f"{u}|{v}"] = sorted(one["id"] for one in them)
    return found


def best_whole(balances, payments):
    """Give the value of the best of all sets of whole payments."""
    sets = chain.from_iterable(combinations(payments, count) for count in range(len(payments) + 1))
    return max(total(them) for them in sets if min(after(balances, them).values()) >= 0)


def best_split(balances, payments):
    """Give the most value that parts can settle: every amount of every pair is tried."""
    pairs = {}
    for one in payments:
        way = one["payer"], one["payee"]
        pairs[way] = pairs.get(way, 0) + one["amount"]
    best = 0
    ways = list(pairs)
    for amounts in product(*(range(pairs[way] + 1) for way in ways)):
        if sum(amounts) > best:
            left = dict(balances)
            for (payer, payee), amount in zip(ways, amounts, strict=True):
                left[payer] -= amount
                left[payee] += amount
            if min(left.values()) >= 0:
                best = sum(amounts)
    return best


def settlement_case(name, source, balances, payments):
    """Answer everything about one state."""
    expect = {
        "rtgs_fifo": settled_on_entry(balances, payments, bypass=False),
        "rtgs_bypass": settled_on_entry(balances, payments, bypass=True),
        "gridlock_fifo": gridlock(balances, payments),
        "bilateral_offset": offsets(balances, payments),
        "max_settled_value_with_splitting": best_split(balances, payments),
        "max_value_indivisible": best_whole(balances, payments),
        "max_value_indivisible_fifo": gridlock(balances, payments)["value"],
        "gross": total(payments),
    }
    return {"name": name, "source": source, "balances": balances, "payments": payments, "expect": expect}


MONEY = ("amount", "value", "gross", "max_settled_value_with_splitting",
         "max_value_indivisible", "max_value_indivisible_fifo")  # fmt: skip
BALANCES = ("balances", "final_balances", "post_balances")


def scaled(found, by):
    """Give a case with every amount multiplied."""
    if isinstance(found, dict):
        return {
            name: each * by
            if name in MONEY
            else {account: balance * by for account, balance in each.items()}
            if name in BALANCES
            else scaled(each, by)
            for name, each in found.items()
        }
    return [scaled(each, by) for each in found] if isinstance(found, list) else found


def chain_of(*legs):
    """Give payments "AB:100", all normal, in this order; a digit behind a slash is the class."""
    payments = []
    for seq, leg in enumerate(legs):
        way, _, amount = leg.partition(":")
        amount, _, prio = amount.partition("/")
        payments.append({"id": f"p{seq + 1}", "payer": way[0], "payee": way[1], "amount": int(amount),
                         "prio": int(prio or 2), "seq": seq})  # fmt: skip
    return payments


def drawn_settlement(seed):
    """Draw a state."""
    rng = random.Random(seed)
    names = NAMES[: rng.choice((3, 4))]
    ways = rng.sample([(a, b) for a in names for b in names if a != b], 5)
    balances = {name: rng.choice((0, 0, 1, 2, 4)) for name in names}
    payments = [
        {"id": f"p{seq:02}", "payer": payer, "payee": payee, "amount": rng.randint(1, 5),
         "prio": rng.choice((0, 1, 2, 2, 2)), "seq": seq}
        for seq, (payer, payee) in enumerate(rng.choice(ways) for _ in range(rng.randint(7, 9)))
    ]  # fmt: skip
    return scaled(settlement_case(f"random_{seed}", f"drawn, seed {seed}", balances, payments), 1_009)


def settlement():
    """Make the cases of one currency."""
    by_hand = (
        ("ring_without_money", dict.fromkeys("ABC", 0), ("AB:10", "BC:8", "CA:7"), 10),
        ("ring_with_a_little_money", {"A": 2, "B": 2, "C": 0}, ("AB:10", "BC:12", "CA:8"), 10),
        ("chain_paid_from_its_head", {"A": 5, "B": 0, "C": 0, "D": 0}, ("CD:5", "BC:5", "AB:5"), 10),
        ("one_minor_unit_short", {"A": 4, "B": 0, "C": 0}, ("AB:5", "BC:5", "CA:4"), 1),
        ("urgent_overtakes_in_the_queue", {"A": 3, "B": 5}, ("AB:4/2", "AB:6/1", "AB:7/0", "BA:5/2"), 10),
        ("two_pairs_offset_apart", dict.fromkeys("ABCD", 1), ("AB:5", "BA:5", "CD:6", "DC:7", "AC:3"), 100),
        ("above_64_bits", {"A": 1, "B": 0, "C": 1}, ("AB:3", "BC:3", "CA:3", "AC:1"), 2**62 - 1),
    )
    cases = [
        settlement_case(name, "by hand", dict(balances), chain_of(*legs))
        for name, balances, legs, _ in by_hand
    ]
    cases = [scaled(case, by) for case, (*_, by) in zip(cases, by_hand, strict=True)]
    cases += [drawn_settlement(seed) for seed in range(1, 8)]
    return {"format": "settlement-vectors/1", "vectors": cases}


# Bounds of a day


def bounds_case(name, payments):
    """Walk every account through its day."""
    accounts = sorted({(one[side], one["ccy"]) for one in payments for side in ("payer", "payee")})
    upper, lower = {}, {}
    for member, ccy in accounts:
        running = [0]
        for one in sorted(payments, key=lambda one: one["seq"]):
            if one["ccy"] == ccy and member in (one["payer"], one["payee"]):
                running.append(running[-1] + (one["amount"] if member == one["payer"] else -one["amount"]))
        upper[f"{member}/{ccy}"] = max(running)
        lower[f"{member}/{ccy}"] = max(0, running[-1])
    expect = {"upper_bound": upper, "lower_bound": lower,
              "ub_total": sum(upper.values()), "lb_total": sum(lower.values())}  # fmt: skip
    return {"name": name, "payments": payments, "expect": expect}


def bounds():
    """Make the cases of bounds."""
    cases = []
    for seed, (count, most) in enumerate(((1, 9), (6, 100), (15, 10**6), (30, 2**62)), 1):
        rng = random.Random(seed)
        seqs = rng.sample(range(100), count)
        payments = []
        for number, seq in enumerate(seqs):
            payer, payee = rng.sample(NAMES, 2)
            payments.append({"id": f"p{number}", "payer": payer, "payee": payee, "ccy": rng.choice(("INR", "RUB")),
                             "amount": rng.randint(1, most), "seq": seq})  # fmt: skip
        cases.append(bounds_case(f"day_{count}", payments))
    return {"format": "bounds-vectors/1", "vectors": cases}


# Orders at reference values


def fixed_case(name, values, orders):
    """Try every value of every pair of currencies, one unit at a time."""
    worth = {}
    for one in orders:
        way = one["sell_ccy"], one["buy_ccy"]
        worth[way] = worth.get(way, 0) + one["amount"] * values[one["sell_ccy"]]
    ways, best = list(worth), 0
    for flows in product(*(range(worth[way] + 1) for way in ways)):
        if sum(flows) > best:
            net = dict.fromkeys(values, 0)
            for (sell, buy), flow in zip(ways, flows, strict=True):
                net[sell] -= flow
                net[buy] += flow
            if not any(net.values()):
                best = sum(flows)
    excess = dict.fromkeys(sorted(values), 0)
    for (sell, buy), value in worth.items():
        excess[sell] -= value
        excess[buy] += value
    expect = {
        "gross_value": sum(worth.values()),
        "max_matched_value": best,
        "pair_only_matched_value": sum(min(value, worth.get((b, a), 0)) for (a, b), value in worth.items()),
        "excess_demand_value": excess,
    }
    return {"name": name, "source": "every value of every pair tried",
            "reference_value_per_minor_unit": values, "orders": orders, "expect": expect}  # fmt: skip


def order(number, sell, buy, amount):
    """Give an order."""
    return {"id": f"o{number}", "sell_ccy": sell, "buy_ccy": buy, "amount": amount}


def drawn_fixed_batch(seed):
    """Draw a book."""
    rng = random.Random(seed)
    values = dict(zip("ABC", rng.sample((1, 2, 3, 4), 3), strict=True))
    ways = rng.sample([(a, b) for a in values for b in values if a != b], 5)
    orders = [order(n, *rng.choice(ways), rng.randint(1, 3)) for n in range(6)]
    return fixed_case(f"random_{seed}", values, orders)


def fixed_batch():
    """Make the cases of orders at reference values."""

    cases = [
        fixed_case("ring_of_three", {"CNY": 12, "INR": 1, "RUB": 1},
                   [order(1, "INR", "RUB", 24), order(2, "RUB", "CNY", 24), order(3, "CNY", "INR", 2)]),
        fixed_case("nobody_sells_what_is_wanted", {"A": 1, "B": 2}, [order(1, "A", "B", 7), order(2, "A", "B", 4)]),
    ]  # fmt: skip
    cases += [drawn_fixed_batch(seed) for seed in range(1, 4)]
    return {"format": "fx-fixed-batch/1", "vectors": cases}


# Orders that make their prices


def two_currencies(orders):
    """Find every ratio (B per A) at which a book of two currencies clears, and what fills there.

    Candidates are the limits, and between them the ratio at which what must fill balances.
    """
    limits = sorted({one["rate"] if one["sell"] == "A" else 1 / one["rate"] for one in orders})
    between = [Fraction(0), *limits, limits[-1] * 2]
    candidates = set(limits)
    for low, high in pairwise(between):
        middle = (low + high) / 2
        sells_a = sum(one["amount"] for one in orders if one["sell"] == "A" and one["rate"] < middle)
        sells_b = sum(one["amount"] for one in orders if one["sell"] == "B" and one["rate"] < 1 / middle)
        if sells_a and sells_b and low < Fraction(sells_b, sells_a) < high:
            candidates.add(Fraction(sells_b, sells_a))
    found = []
    for ratio in sorted(candidates):
        in_a, at_a, in_b, at_b = ([], [], [], [])
        for one in orders:
            mine = ratio if one["sell"] == "A" else 1 / ratio
            inside, at = (in_a, at_a) if one["sell"] == "A" else (in_b, at_b)
            (inside if mine > one["rate"] else at if mine == one["rate"] else []).append(one)
        assert len(at_a) + len(at_b) <= 1, "how several at the money share is no matter of this format"
        surplus = sum(one["amount"] for one in in_b) - ratio * sum(one["amount"] for one in in_a)
        fills = {one["id"]: Fraction(0) for one in orders} | {
            one["id"]: Fraction(one["amount"]) for one in (*in_a, *in_b)
        }
        for one in at_a:
            fills[one["id"]] = surplus / ratio
        for one in at_b:
            fills[one["id"]] = -surplus
        if (not (at_a or at_b) and surplus) or any(
            not 0 <= fills[one["id"]] <= one["amount"] for one in orders
        ):
            continue
        if any(fills.values()):
            found.append((ratio, fills))
    return found


def auction_case(name, rows):
    """Make a case of two currencies that clears in one way only."""
    orders = [
        {"id": f"o{n}", "sell": sell, "buy": "AB".replace(sell, ""), "amount": amount, "min_rate": rate}
        for n, (sell, amount, rate) in enumerate(rows)
    ]
    found = two_currencies([{**one, "rate": Fraction(one["min_rate"])} for one in orders])
    assert len(found) <= 1, "more than one ratio clears: no case"
    fills = {one["id"]: "0" for one in orders}
    expect = {"fills": fills}
    if found:
        ratio, filled = found[0]
        expect["fills"] = {id: decimal(each) for id, each in filled.items()}
        expect["price_ratio"] = [["A", "B", decimal(ratio)]]
    return {"name": name, "orders": orders, "expect": expect}


def decimal(value):
    """Write a ratio with fifteen places."""
    return f"{value.numerator * 10**15 // value.denominator / 10**15:.15f}".rstrip("0").rstrip(".") or "0"


def ring_case(name, amounts, rates):
    """Make a ring of three: it fills whole at the ratios of its amounts if all limits allow, else not at all."""
    ring = list(zip("ABC", "BCA", amounts, rates, strict=True))
    orders = [{"id": sell.lower(), "sell": sell, "buy": buy, "amount": amount, "min_rate": rate}
              for sell, buy, amount, rate in ring]  # fmt: skip
    worth = {sell: Fraction(1, amount) for sell, _, amount, _ in ring}  # everybody gives the same value
    whole = all(worth[sell] / worth[buy] > Fraction(rate) for sell, buy, _, rate in ring)
    product_of_limits = Fraction(rates[0]) * Fraction(rates[1]) * Fraction(rates[2])
    assert whole or product_of_limits > 1, "a ring at its limits is no case"
    expect = {
        "fills": {one["id"]: str(one["amount"] if whole else 0) for one in orders},
        "pair_only_fills": {one["id"]: "0" for one in orders},
    }
    if whole:
        expect["price_ratio"] = [[sell, buy, decimal(worth[sell] / worth[buy])] for sell, buy, _, _ in ring]
    return {"name": name, "orders": orders, "expect": expect}


def auction():
    """Make the cases of orders with limits."""
    cases = [
        auction_case("both_fill_whole", [("A", 200, "0.45"), ("B", 100, "1.9")]),
        auction_case("the_dearer_seller_is_rationed", [("A", 60, "0.9"), ("A", 60, "1.1"), ("B", 88, "0.8")]),
        auction_case("limits_apart", [("A", 60, "1.1"), ("B", 60, "0.95")]),
        auction_case(
            "four_orders", [("A", 100, "0.5"), ("A", 40, "0.7"), ("B", 60, "1.25"), ("B", 33, "1.6")]
        ),
        ring_case("ring_of_unlike_amounts", (1_000, 400, 50), ("0.35", "0.12", "18")),
        ring_case("ring_that_asks_too_much", (100, 100, 100), ("1.02", "0.99", "1")),
    ]
    return {"format": "fx-auction/1", "note": "limits are least units bought per unit sold", "vectors": cases}


# Instructions one by one


def pvp_case(name, accounts, instructions, values, short, aggregate, haircut_bp):
    """Try every instruction with all three tests worked out anew, again and again."""
    state = {member: dict(balances) for member, balances in accounts.items()}

    def stands(member):
        balances = state[member]
        if any(balance < -short[member].get(ccy, 0) for ccy, balance in balances.items()):
            return False
        if (
            sum(-balance * values[ccy] for ccy, balance in balances.items() if balance < 0)
            > aggregate[member]
        ):
            return False
        worth = sum(
            balance * values[ccy] * (10_000 - haircut_bp if balance > 0 else 10_000 + haircut_bp)
            for ccy, balance in balances.items()
        )
        return worth >= 0

    def move(one, sign):
        for payer, payee, ccy, amount in (
            (one["a"], one["b"], one["a_pays_ccy"], one["a_pays"]),
            (one["b"], one["a"], one["b_pays_ccy"], one["b_pays"]),
        ):
            state[payer][ccy] = state[payer].get(ccy, 0) - sign * amount
            state[payee][ccy] = state[payee].get(ccy, 0) + sign * amount

    waiting, settled, passes, moved = list(instructions), [], 0, True
    while moved:
        passes, moved = passes + 1, False
        for one in list(waiting):
            move(one, 1)
            if stands(one["a"]) and stands(one["b"]):
                waiting.remove(one)
                settled.append(one["id"])
                moved = True
            else:
                move(one, -1)
    expect = {"settled_in_order": settled, "queued": [one["id"] for one in waiting],
              "final_balances": state, "passes": passes}  # fmt: skip
    return {"name": name, "accounts": accounts, "instructions": instructions, "value_per_minor_unit": values,
            "short_limit": short, "aggregate_short_limit": aggregate, "haircut_bp": haircut_bp,
            "expect": expect}  # fmt: skip


def drawn_pvp_queue(seed, count, haircut_bp, tight):
    """Draw instructions; limits are the smaller, the larger `tight` is."""
    rng = random.Random(seed)
    values = {"BRL": 13, "CNY": 11, "INR": 1}
    members = ("M0", "M1", "M2")
    accounts = {
        name: {ccy: rng.randrange(3_000) // value for ccy, value in values.items()} for name in members
    }
    instructions = []
    for number in range(count):
        (a, b), (c1, c2) = rng.sample(members, 2), rng.sample(list(values), 2)
        value = rng.randrange(200, 4_000)
        instructions.append({"id": f"i{number}", "a": a, "b": b, "a_pays_ccy": c1, "a_pays": value // values[c1],
                             "b_pays_ccy": c2, "b_pays": value // values[c2] + rng.randrange(2)})  # fmt: skip
    short = {name: {ccy: 3_000 // tight // value for ccy, value in values.items()} for name in members}
    aggregate = dict.fromkeys(members, 5_000 // tight)
    return pvp_case(f"random_{seed}", accounts, instructions, values, short, aggregate, haircut_bp)


def pvp_queue():
    """Make the cases of instructions."""
    shapes = (3, 0, 1), (8, 500, 1), (12, 800, 2), (15, 1_000, 4)
    cases = [drawn_pvp_queue(seed, *shape) for seed, shape in enumerate(shapes, 1)]
    return {"format": "pvp-queue/1", "vectors": cases}


MADE = {
    "settlement.json": settlement,
    "bounds.json": bounds,
    "fx_fixed_batch.json": fixed_batch,
    "fx_auction.json": auction,
    "pvp_queue.json": pvp_queue,
}


def text(name):
    """Give what a file of this name holds, a line for each case."""
    made = MADE[name]()
    head = {key: value for key, value in made.items() if key != "vectors"}
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in made["vectors"])
    return f'{json.dumps(head)[:-1]}, "vectors": [\n{lines}\n]}}\n'


if __name__ == "__main__":
    for each in MADE:
        (HERE / each).write_text(text(each), "utf-8")
