"""Commands on their way: handed in with their evidence, and what became of them as an answer or a problem."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, NoReturn

from steelyard.api import refusals, wire
from steelyard.api.call import Call
from steelyard.api.idempotency import part_id
from steelyard.api.problems import ProblemError
from steelyard.client.types import Done, Fault
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows.approve import ProposeFields
from steelyard.flows.command import Code, Outcome
from steelyard.flows.facts import AnyFact, ApprovalMoved, decode_fact
from steelyard.flows.faulty import Rule, TermsFaulted
from steelyard.flows.refusals import Admission
from steelyard.members.rights import Persons
from steelyard.node.link import DEADLINE_MS, Answer, End, Lane

PROPOSAL = 0xFFFF_FFFF
DEADLINE_MS_MAX = 60_000
_NOT_TAKEN = {
    Admission.NODE_IS_BUSY: "node-is-busy",
    Admission.NODE_IS_NOT_LEADER: "node-is-not-leader",
    Admission.NODE_IS_STOPPING: "node-is-stopping",
    Admission.PROJECTION_LAGS: "projection-lags",
}


class Recorded(NamedTuple):
    """A durable outcome: the answer it came in, decoded, with its facts."""

    answer: Answer
    outcome: Outcome
    facts: tuple[AnyFact, ...]

    @property
    def is_refused(self) -> bool:
        """Whether a rule refused it."""
        return self.outcome.code == Code.REFUSED

    def fact(self, kind: type[Any]) -> Any:
        """Give the first fact of a kind, or None."""
        return next((fact for fact in self.facts if isinstance(fact, kind)), None)


async def order(
    call: Call,
    name: str,
    fields: Any,
    *,
    action: str = "",
    added: Any = None,
    evidence: Sequence[Any] = (),
    id: bytes = b"",
    lane: int = Lane.PAYMENTS,
    packed: bytes = b"",
) -> Recorded:
    """Give a command and wait until it is durable; what a second person must approve becomes a proposal.

    `action` is the right the command needs, where it is not the route's.
    """
    gateway, caller = call.gateway, call.who
    command_id = id or call.command_id
    command = gateway.command(name, fields, id=command_id, caller=caller, added=added)
    right = caller.right(action or call.route.action)
    if right is not None and right.persons is Persons.TWO and not packed:
        return await propose(call, command, command_id, evidence)
    found = recorded(
        await gateway.submit(
            command, evidence=evidence, packed=packed, lane=lane, deadline_ms=deadline_ms(call)
        )
    )
    if found.outcome.refusal == SettingRefusal.TWO_PEOPLE_NEEDED.code and not packed:
        return await propose(call, command, command_id, ())
    return found


async def propose(call: Call, command: bytes, command_id: bytes, evidence: Sequence[Any]) -> Recorded:
    """Let a command wait for its second person."""
    gateway = call.gateway
    id = part_id(command_id, PROPOSAL)
    wrapped = gateway.command("propose", ProposeFields(command), id=id, caller=call.who)
    return recorded(await gateway.submit(wrapped, evidence=evidence, deadline_ms=deadline_ms(call)))


def deadline_ms(call: Call) -> int:
    """Give how long the caller wants to wait: `Prefer: wait=10`, in seconds."""
    text = call.header("prefer").lower().partition("wait=")[2].partition(",")[0].strip()
    return (
        min(int(text) * 1_000, DEADLINE_MS_MAX) or DEADLINE_MS
        if text.isascii() and text.isdigit() and len(text) < 4
        else DEADLINE_MS
    )


def recorded(answer: Answer) -> Recorded:
    """Give a durable outcome, or raise the problem of one that is none."""
    if answer.end != End.RECORDED:
        fail(answer)
    outcome = answer.decoded()
    return Recorded(answer, outcome, tuple([decode_fact(fact) for fact in outcome.facts]))


def fail(answer: Answer) -> NoReturn:
    """Raise the problem of a submission that has no durable outcome."""
    if answer.end == End.UNKNOWN:
        raise ProblemError("outcome-unknown", headers={"Retry-After": "1"})
    found = refusals.of(answer.refusal)
    if isinstance(found, Admission) and found in _NOT_TAKEN:
        wait = max(1, -(-answer.retry_after_ms // 1000))
        raise ProblemError(_NOT_TAKEN[found], headers={"Retry-After": str(wait)})
    if found is EngineRefusal.ID_REUSED_WITH_OTHER_CONTENT:
        raise ProblemError("idempotency-key-reused")
    if found in (EngineRefusal.ID_IS_TOO_OLD, EngineRefusal.ID_IS_FROM_THE_FUTURE):
        assert found is not None
        raise ProblemError("state-forbids", refusals.sentence(found), code=found.name)
    raise ProblemError("schema-violation", code=found.name if found is not None else "")


def faults_of(facts: Iterable[AnyFact]) -> list[Fault]:
    """Give what is wrong with the terms of an order, each with its place in the body."""
    listed = [one for fact in facts if isinstance(fact, TermsFaulted) for one in fact.faults]
    return [
        Fault(f"/{field}" if field else "", name.lower().replace("_", "-"), Rule[name].value)
        for field, name in listed
    ]


def done(
    found: Recorded,
    *,
    state: str | None = None,
    subject: str | None = None,
    because: str = "",
    **details: Any,
) -> Done:
    """Give the answer to a command; a proposal says what is to be approved, a refusal `because` of what."""
    problem, iso = wire.refusal(found.outcome.refusal, detail=because)
    if problem is not None:
        problem.errors = faults_of(found.facts)
    approval = found.fact(ApprovalMoved)
    if approval is not None and approval.state == "PROPOSED":
        state, subject = approval.state, wire.uuid_text(approval.proposal)
        details = {
            "proposal": subject,
            "command": approval.command,
            "shown": approval.shown.hex(),
            "expires_at": wire.at_text(approval.expires_at),
        }
    return Done(
        outcome="refused" if found.is_refused else "done",
        seq=found.answer.seq,
        state=state,
        refusal=problem,
        iso=iso,
        at=wire.at_text(found.answer.at_ns),
        subject=subject,
        details={name: value for name, value in details.items() if value is not None},
    )
