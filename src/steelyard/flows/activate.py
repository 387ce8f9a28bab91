"""Bring a rule of the release into force from an instant to come, so that old rows replay to old outcomes."""

from msgspec import Struct

from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import RuleActivated
from steelyard.flows.fields import Name
from steelyard.flows.rules import RULES
from steelyard.flows.world import World
from steelyard.members.refusals import MemberRefusal


class ActivateFields(Struct, array_like=True, frozen=True):
    """Which rule, from when."""

    rule: Name
    from_at: int


def run(world: World, command: Command, fields: ActivateFields, at: int) -> Outcome:
    """Note from when the rule is in force; what was activated before keeps its first instant."""
    if fields.rule not in RULES:
        return refused(MemberRefusal.RULE_IS_UNKNOWN)
    if fields.from_at <= at:
        return refused(MemberRefusal.FROM_AT_MUST_BE_LATER)
    diary = Diary()
    if fields.rule not in world.rules.names():
        world.rules.activate(fields.rule, fields.from_at)
        diary.fact(RuleActivated(fields.rule, fields.from_at))
        world.touch_context()
    return diary.done()
