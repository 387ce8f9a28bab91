"""Two people: one proposes a command, another approves exactly what was shown, and then it runs.

`shown` is the SHA-256 of the inner command's canonical bytes. At approval the command runs with all its
checks anew; a refusal then ends the proposal. Two persons or keys of the same human count as one.
"""

from hashlib import sha256

import msgspec
from msgspec import Struct

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows.command import Code, Command, Outcome, decode_command, encode
from steelyard.flows.diary import Diary, refused
from steelyard.flows.entry import Entry
from steelyard.flows.facts import ApprovalMoved
from steelyard.flows.fields import Digest, Id16, Word
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.members import rights
from steelyard.members.approvals import ApprovalEvent, ApprovalState, Proposal
from steelyard.members.people import Actor
from steelyard.members.refusals import MoneyRefusal, PeopleRefusal
from steelyard.values.refusal import Refusal

NOT_PROPOSED = ("", "approve")
MS = 1_000_000
ADDED_MAX = 512
"""Bytes that a gateway may have added to a command that is proposed: more than it ever does."""


class ProposeFields(Struct, array_like=True, frozen=True):
    """The command that waits, as canonical bytes: same sender and actor, at_ns 0."""

    inner: bytes


class ApproveFields(Struct, array_like=True, frozen=True):
    """Which proposal, and the SHA-256 of what was shown to the one who approves."""

    proposal: Id16
    shown: Digest


class EndFields(Struct, array_like=True, frozen=True):
    """Which proposal is declined or withdrawn, and a short reason code."""

    proposal: Id16
    reason: Word = ""


def propose(world: World, command: Command, fields: ProposeFields, at: int) -> Outcome:
    """Let a command wait for its second person."""
    read = _read_inner(world, command, fields.inner)
    if isinstance(read, Refusal):
        return refused(read)
    inner, entry = read
    if entry.action in NOT_PROPOSED:
        return refused(PeopleRefusal.INNER_COMMAND_CANNOT_WAIT)
    if world.members.right(command.actor, entry.action) is None:
        return refused(EngineRefusal.SENDER_HAS_NO_RIGHT)
    if world.members.approvals.state(command.id) is not None:
        return refused(MoneyRefusal.REQUEST_IS_TAKEN)
    human = world.members.human(command.actor)
    second = world.members.checkers(command.sender, entry.action, human)
    if not any(_is_valid(actor, at) for actor in second):
        return refused(PeopleRefusal.NO_SECOND_PERSON)
    rules = world.packs.rulebook(at).members
    count, size = world.members.approvals.of(command.sender)
    if count >= rules.proposals_max or size + len(fields.inner) > rules.proposals_bytes_max:
        return refused(PeopleRefusal.TOO_MANY_PROPOSALS)
    proposal = Proposal(
        command.id, command.sender, command.actor, entry.action, inner.name, fields.inner,
        sha256(fields.inner).digest(), at + rules.approval_ms * MS,
    )  # fmt: skip
    world.members.approvals.put(proposal)
    world.timers.set(proposal.expires_at, TimerKind.APPROVAL, proposal.id)
    diary = Diary()
    _moved(diary, proposal, ApprovalState.PROPOSED)
    diary.tell(command.sender, "approval.asked", proposal.id, proposal.command, proposal.shown)
    return diary.done()


def approve(world: World, command: Command, fields: ApproveFields, at: int) -> Outcome:
    """Give the second yes and run what was proposed."""
    proposal = _waiting(world, command, fields.proposal, at)
    if isinstance(proposal, Refusal):
        return refused(proposal)
    members = world.members
    if members.human(command.actor) == members.human(proposal.maker):
        return refused(PeopleRefusal.APPROVER_IS_THE_MAKER)
    if not rights.checks(members.actors[command.actor].roles, proposal.action):
        return refused(PeopleRefusal.APPROVER_HAS_NO_RIGHT)
    if fields.shown != proposal.shown:
        return refused(PeopleRefusal.APPROVAL_DOES_NOT_MATCH)
    outcome = _run(world, proposal, at)
    event = ApprovalEvent.REFUSE if outcome.code == Code.REFUSED else ApprovalEvent.APPROVE
    diary = Diary()
    _end(world, diary, proposal, event, command.actor)
    return Outcome(
        outcome.code,
        outcome.refusal,
        outcome.leg,
        (*diary.facts, *outcome.facts),
        (*diary.notices, *outcome.notices),
    )


def decline(world: World, command: Command, fields: EndFields, at: int) -> Outcome:
    """Give the second person's no."""
    proposal = _waiting(world, command, fields.proposal, at)
    if isinstance(proposal, Refusal):
        return refused(proposal)
    if not rights.checks(world.members.actors[command.actor].roles, proposal.action):
        return refused(PeopleRefusal.APPROVER_HAS_NO_RIGHT)
    if command.actor == proposal.maker:
        return refused(PeopleRefusal.APPROVER_IS_THE_MAKER)
    diary = Diary()
    _end(world, diary, proposal, ApprovalEvent.DECLINE, command.actor)
    return diary.done()


def withdraw(world: World, command: Command, fields: EndFields, at: int) -> Outcome:
    """Take one's own proposal back."""
    proposal = _waiting(world, command, fields.proposal, at)
    if isinstance(proposal, Refusal):
        return refused(proposal)
    if command.actor != proposal.maker:
        return refused(PeopleRefusal.PROPOSAL_IS_NOT_THE_MAKERS)
    diary = Diary()
    _end(world, diary, proposal, ApprovalEvent.WITHDRAW, command.actor)
    return diary.done()


def on_timer_approval(world: World, diary: Diary, subject: bytes, at: int) -> None:
    """End a proposal that nobody decided in time."""
    proposal = world.members.approvals.waiting.get(subject)
    if proposal is not None:
        _end(world, diary, proposal, ApprovalEvent.EXPIRE, "")


def _read_inner(world: World, command: Command, data: bytes) -> tuple[Command, Entry] | Refusal:
    """Read what is proposed; its canonical bytes are the only ones that count, since their digest is shown."""
    assert world.entry_of is not None
    try:
        inner = decode_command(data)
        entry = world.entry_of(inner.name, inner.version)
        if entry is None or encode(inner) != data:
            return PeopleRefusal.INNER_COMMAND_IS_MALFORMED
        entry.decode(inner.fields)
    except (msgspec.MsgspecError, RecursionError):  # nested deeper than any command there is
        return PeopleRefusal.INNER_COMMAND_IS_MALFORMED
    if len(bytes(inner.added)) > ADDED_MAX:
        return PeopleRefusal.INNER_COMMAND_IS_MALFORMED
    same = inner.sender == command.sender and inner.actor == command.actor
    if not same or inner.at_ns or len(inner.id) != 16:
        return PeopleRefusal.INNER_COMMAND_IS_MALFORMED
    return inner, entry


def _waiting(world: World, command: Command, id: bytes, at: int) -> Proposal | Refusal:
    approvals = world.members.approvals
    state = approvals.state(id, command.sender)
    if state is None:
        return PeopleRefusal.APPROVAL_NOT_FOUND
    if state is ApprovalState.EXPIRED:
        return PeopleRefusal.APPROVAL_HAS_EXPIRED
    if state is not ApprovalState.PROPOSED:
        return PeopleRefusal.APPROVAL_IS_OVER
    proposal = approvals.waiting[id]
    return PeopleRefusal.APPROVAL_HAS_EXPIRED if at >= proposal.expires_at else proposal


def _run(world: World, proposal: Proposal, at: int) -> Outcome:
    """Run the inner command, unless its maker has lost the right meanwhile or its key has run out."""
    assert world.run_inner is not None
    maker = world.members.actors.get(proposal.maker)
    lapsed = maker is None or not _is_valid(maker, at)
    if lapsed or world.members.right(proposal.maker, proposal.action) is None:
        return refused(EngineRefusal.SENDER_HAS_NO_RIGHT)
    inner = decode_command(proposal.inner)
    return world.run_inner(
        Command(
            inner.name, inner.version, proposal.id, inner.sender, inner.actor, 0, inner.fields, inner.added,
            inner.nonce,
        ),
        at,
    )  # fmt: skip


def _end(world: World, diary: Diary, proposal: Proposal, event: ApprovalEvent, by: str) -> None:
    world.timers.cancel(TimerKind.APPROVAL, proposal.id)
    state = world.members.approvals.end(proposal.id, event)
    _moved(diary, proposal, state, by)
    diary.tell(proposal.owner, "approval.ended", proposal.id, proposal.command, state.value)


def _moved(diary: Diary, proposal: Proposal, state: ApprovalState, by: str = "") -> None:
    diary.fact(
        ApprovalMoved(
            proposal.id, state.value, proposal.command, proposal.owner, proposal.maker, proposal.shown,
            proposal.expires_at, by,
        )
    )  # fmt: skip


def _is_valid(actor: Actor, at: int) -> bool:
    return actor.valid_from <= at < actor.valid_to
