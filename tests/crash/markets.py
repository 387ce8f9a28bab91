"""A node's World with a grain market in it that trades at once: money and receipts lie ready for every trader."""

import time

from steelyard.flows.command import NO_FIELDS, Command, encode, raw
from steelyard.node.link import Submission
from tests.flows import payworld
from tests.flows.goods import BUYER, LENDER, OTHER, SELLER
from tests.flows.haul import Haul
from tests.flows.markets import Market
from tests.flows.payworld import ASSETS, LEVR, PONS

OWNERS = (SELLER, BUYER, OTHER, LENDER)
READY_MINOR = 5_000_000


class Floor(Market, Haul):
    """The market and the deliveries of one network."""


def floor() -> Floor:
    """Give a market whose time is now: traders own 30 receipts of 5 t each, providers and traders all currencies."""
    payworld.START = time.time_ns() - 30 * 10**9
    net = Floor()
    for owner in (*OWNERS, PONS, LEVR):
        for asset in ASSETS:
            net.ready(owner, asset, READY_MINOR)
            net.fund(owner, asset, 10 * READY_MINOR)
    for owner in OWNERS:
        for _ in range(30):
            net.stocked(5, owner)
    return net


def submission(rng, sender, actor, name, fields):
    """Make a command as a gateway does: its id and what is sent."""
    command_id = (time.time_ns() // 10**6).to_bytes(6, "big") + rng.randbytes(10)
    made = Command(name, 1, command_id, sender, actor, 0, raw(fields), NO_FIELDS, rng.randbytes(16))
    return command_id, Submission(encode(made))
