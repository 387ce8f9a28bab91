"""The small network of `payworld`, with two persons at each settlement agent, and days that end."""

from typing import Any

from steelyard.flows import day_end
from steelyard.flows.approve import ApproveFields, ProposeFields
from steelyard.flows.command import NO_FIELDS, Code, Command, Outcome, encode, raw
from steelyard.flows.credit import AutoFields, DrawFields, NamedFields, RepayFields
from steelyard.flows.credit_intraday import IntradayFields
from steelyard.flows.credit_member import MemberFields
from steelyard.flows.credit_swap import SwapFields
from steelyard.flows.world import World
from steelyard.liquidity.credit import Line, LineKind
from steelyard.members.people import KEY, PERSON, Actor
from steelyard.members.roles import Role
from steelyard.values.instants import DAY, HOUR
from tests.flows.payworld import ANNA, ASSETS, START, Network, facts

NOR, SUD, OST = (f"STAG{asset}0" for asset in ASSETS)
TODAY = START // DAY
BOND = ("XS-BOND", 10, 100, 1, 1_000)  # counts for 900
WIDE = ("XS-BOND", 10**6, 100, 1, 0)


class Credits(Network):
    """A network whose settlement agents give credit."""

    def __init__(self, world: World | None = None) -> None:
        super().__init__(world)
        if world is None:
            for agent in (NOR, SUD, OST):
                self.world.members.put_actor(
                    Actor(f"k-{agent}", agent, KEY, (Role.SETTLEMENT_AGENT,), public_key=b"k" * 32)
                )
                for number in (1, 2):
                    self.world.members.put_actor(
                        Actor(f"p-{agent}-{number}", agent, PERSON, (Role.SETTLEMENT_AGENT,))
                    )
            for asset in ASSETS:
                day_end.schedule(self.world, asset, self.at)

    def two(self, agent: str, name: str, fields: Any) -> Outcome:
        """Let both persons of a settlement agent give a command; the outcome is that of the second yes."""
        self._number += 1
        command_id = (self.at // 1_000_000).to_bytes(6, "big") + self._number.to_bytes(10, "big")
        inner = Command(
            name, 1, command_id, agent, f"p-{agent}-1", 0, raw(fields), NO_FIELDS, b"n" * 16
        )  # fmt: skip
        proposed = self.give("propose", ProposeFields(encode(inner)), agent, actor=f"p-{agent}-1")
        assert proposed.code == Code.DONE, proposed.refusal
        (proposal,) = [one for one in self.world.members.approvals.waiting.values() if one.owner == agent]
        return self.give("approve", ApproveFields(proposal.id, proposal.shown), agent, actor=f"p-{agent}-2")

    def intraday(self, cap: int = 1_000, *, collateral: tuple[Any, ...] = (WIDE,), **more: Any) -> Outcome:
        return self.two(NOR, "credit.intraday", intraday(self, cap, collateral=collateral, **more))

    def member(self, cap: int = 1_000, *, days: int = 10, **more: Any) -> Line:
        """Let NOR give SUD a member line in NOR."""
        done(self.two(NOR, "credit.member", MemberFields("NOR", SUD, cap, days, **more)))
        return self.line(LineKind.MEMBER)

    def swap(self, cap: int = 1_000, *, tenor: int = 7, **more: Any) -> Line:
        """Let NOR give SUD a swap line in NOR against SUD."""
        done(self.two(NOR, "credit.swap", SwapFields("NOR", SUD, cap, tenor, "SUD", **more)))
        return self.line(LineKind.SWAP)

    def auto(self, line: Line, cap: int) -> None:
        done(self.two(line.borrower, "credit.auto", AutoFields(line.line_id, True, cap)))

    def line(self, kind: LineKind, borrower: str = "") -> Line:
        found = self.world.credit.find(
            kind, NOR, borrower or (ANNA if kind is LineKind.INTRADAY else SUD), "NOR"
        )
        assert found is not None
        return found

    def draw(self, line: Line, bank: str, minor: int, *, agent: str = SUD) -> Outcome:
        return self.give("credit.draw", DrawFields(line.line_id, bank, minor), agent)

    def repay(self, sender: str, line: Line, minor: int, bank: str = "", lot_no: int = 0) -> Outcome:
        return self.give("credit.repay", RepayFields(line.line_id, minor, bank, lot_no), sender)

    def close(self, line: Line, *, agent: str = NOR) -> Outcome:
        return self.give("credit.close", NamedFields(line.line_id), agent)

    def nudge(self) -> Outcome:
        """Give a command that does nothing but be one."""
        return self.give("tick", None, "operator", actor="node")

    def until_day(self, days: int, hours: int = 1) -> list[Outcome]:
        """Wait until some hours into the date so many days from the first."""
        return self.wait((TODAY + days) * DAY + hours * HOUR - self.at)

    def copy(self) -> "Credits":
        """Give the same network rebuilt from its snapshot."""
        other = Credits(World.decode(dict(self.world.sections())))
        other.at, other._number = self.at, self._number
        assert other.world.state_hash() == self.world.state_hash()
        return other


def intraday(net: Credits, cap: int, *, collateral: tuple[Any, ...] = (WIDE,), **more: Any) -> IntradayFields:
    """Make the terms of a line for ANNA in NOR, to be repaid in eight hours, and each day."""
    repay_at = more.pop("repay_at", net.at // HOUR * HOUR + 8 * HOUR)
    return IntradayFields("NOR", more.pop("bank", ANNA), cap, collateral, repay_at, **more)


def done(outcome: Outcome) -> Outcome:
    assert outcome.code == Code.DONE, outcome.refusal
    return outcome


def of(outcomes: list[Outcome], kind: type) -> list[Any]:
    """Give the facts of a kind in outcomes."""
    return [fact for outcome in outcomes for fact in facts(outcome) if isinstance(fact, kind)]
