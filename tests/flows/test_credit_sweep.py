"""The sweep over swaps finds a pledge that does not fit, and a draw that nothing would end."""

from steelyard.flows.timers import TimerKind
from steelyard.node.sweeps import swaps_are_pledged
from tests.flows.creditworld import Credits, done
from tests.flows.payworld import BRAM


def drawn() -> Credits:
    net = Credits()
    net.rate("NOR", "SUD", 7, 3)
    done(net.draw(net.swap(1_000), BRAM, 300))
    assert swaps_are_pledged(net.world) is None
    return net


def test_a_pledge_is_what_its_draws_say() -> None:
    net = drawn()
    net.line("swap").lots[0].pledged_minor -= 1

    assert "as a pledge" in swaps_are_pledged(net.world)


def test_a_draw_has_a_clock_or_a_case() -> None:
    net = drawn()
    line = net.line("swap")
    net.world.timers.cancel(TimerKind.CREDIT_SWAP, line.line_id + (1).to_bytes(8, "big"))

    assert "neither clock nor case" in swaps_are_pledged(net.world)
