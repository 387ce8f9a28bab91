"""What a payment asks of the directory, the calendars and the rulebook; and money in and out through the Machine."""

from collections.abc import Callable, Iterator
from time import perf_counter

from bench.figures import Figure, main
from steelyard.flows.command import Command
from steelyard.flows.currency import RulesFields
from steelyard.flows.fund import AdviceFields
from steelyard.flows.redeem import PayoutFields, RedeemFields
from tests.members.network import BANKS, Net, ready

TIMES = 200_000
MONEY = 5_000


def rows() -> Iterator[Figure]:
    """Give the figures."""
    net = ready()
    members, calendars, packs, at = net.world.members, net.world.calendars, net.world.packs, net.at
    anna = BANKS["anna"]

    def door() -> None:
        members.refuse(actor="k-anna", sender=anna, action="pay", two_people=False, at=at)

    for name, call in (
        ("door: may this actor pay", door),
        ("participant and settlement account", lambda: members.settlement_account(anna, "NOR")),
        ("calendar window of a pair", lambda: calendars.window("NOR", "SUD", "customer", at)),
        ("rulebook in force", lambda: packs.rulebook(at)),
    ):
        yield Figure(f"members {name}", _ns(call), "ns")
    yield Figure("members redemptions asked and paid, in process", _money(net), "/s")


def _ns(call: Callable[[], object]) -> float:
    started = perf_counter()
    for _ in range(TIMES):
        call()
    return (perf_counter() - started) / TIMES * 1e9


def _money(net: Net) -> float:
    """Count redemptions per second, each with its order and its advice, one advised funding before all."""
    net.agent("NOR", "currency.rules", RulesFields("NOR", True, fund_on_advice=True))
    net.do("k-nor", "fund.advise", AdviceFields("NOR", BANKS["anna"], 10 * MONEY, "A1"))
    asked: list[Command] = [net.command("redeem", RedeemFields("NOR", 10), "k-anna") for _ in range(MONEY)]
    paid = [net.command("redeem.advise", PayoutFields(one.id, True, 10, "P"), "k-nor") for one in asked]
    started = perf_counter()
    for one, other in zip(asked, paid, strict=True):
        net.apply(one)
        net.apply(other)
    return MONEY / (perf_counter() - started)


if __name__ == "__main__":
    main(rows)
