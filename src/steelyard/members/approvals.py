"""What waits for a second person: proposals, each bound to the SHA-256 of what was shown.

Nothing is reserved while a proposal waits. Its command runs at the moment of approval with all checks anew;
if it is refused then, the proposal is over too.
"""

from collections import OrderedDict
from enum import StrEnum

from msgspec import Struct

from steelyard.values.instants import Instant

OVER_MAX = 10_000


class ApprovalState(StrEnum):
    """Where a proposal is."""

    PROPOSED = "PROPOSED"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    REFUSED = "REFUSED"


class ApprovalEvent(StrEnum):
    """What can happen to a proposal. REFUSE: it was approved and its command refused."""

    APPROVE = "APPROVE"
    DECLINE = "DECLINE"
    WITHDRAW = "WITHDRAW"
    EXPIRE = "EXPIRE"
    REFUSE = "REFUSE"


S, E = ApprovalState, ApprovalEvent
APPROVAL_STEPS: dict[ApprovalState, dict[ApprovalEvent, ApprovalState]] = {
    S.PROPOSED: {
        E.APPROVE: S.APPROVED,
        E.DECLINE: S.DECLINED,
        E.WITHDRAW: S.WITHDRAWN,
        E.EXPIRE: S.EXPIRED,
        E.REFUSE: S.REFUSED,
    },
    S.APPROVED: {},
    S.DECLINED: {},
    S.WITHDRAWN: {},
    S.EXPIRED: {},
    S.REFUSED: {},
}


def step(state: ApprovalState, event: ApprovalEvent) -> ApprovalState | None:
    """Give the state that follows, or None where the event has no place there."""
    return APPROVAL_STEPS[state].get(event)


class Proposal(Struct, array_like=True, frozen=True):
    """A command that waits. `inner` are its canonical bytes, `shown` their SHA-256."""

    id: bytes
    owner: str
    maker: str
    action: str
    command: str
    inner: bytes
    shown: bytes
    expires_at: Instant


class Over(Struct, array_like=True, frozen=True):
    """How a proposal ended, and whose it was."""

    owner: str
    state: ApprovalState


class Approvals:
    """The proposals that wait, and how the last ones ended."""

    __slots__ = ("_of", "_over", "waiting")

    def __init__(self) -> None:
        self.waiting: dict[bytes, Proposal] = {}
        self._of: dict[str, tuple[int, int]] = {}
        self._over: OrderedDict[bytes, Over] = OrderedDict()

    def state(self, id: bytes, owner: str = "") -> ApprovalState | None:
        """Give where a proposal is; None where it is unknown, long over or not of the owner named."""
        waiting, over = self.waiting.get(id), self._over.get(id)
        if waiting is not None:
            return ApprovalState.PROPOSED if owner in ("", waiting.owner) else None
        return over.state if over is not None and owner in ("", over.owner) else None

    def of(self, owner: str) -> tuple[int, int]:
        """Give how many proposals of an owner wait, and how many bytes their commands have."""
        return self._of.get(owner, (0, 0))

    def put(self, proposal: Proposal) -> None:
        """Let a proposal wait."""
        self.waiting[proposal.id] = proposal
        count, size = self.of(proposal.owner)
        self._of[proposal.owner] = (count + 1, size + len(proposal.inner))

    def end(self, id: bytes, event: ApprovalEvent) -> ApprovalState:
        """End a proposal that waits."""
        state = APPROVAL_STEPS[ApprovalState.PROPOSED][event]
        ended = self.waiting.pop(id)
        count, size = self._of.pop(ended.owner)
        if count > 1:
            self._of[ended.owner] = (count - 1, size - len(ended.inner))
        self._over[id] = Over(ended.owner, state)
        if len(self._over) > OVER_MAX:
            self._over.popitem(last=False)
        return state

    def saved(self) -> tuple[list[Proposal], list[tuple[bytes, Over]]]:
        """Give everything in canonical order."""
        return [self.waiting[id] for id in sorted(self.waiting)], list(self._over.items())

    @classmethod
    def load(cls, waiting: list[Proposal], over: list[tuple[bytes, Over]]) -> "Approvals":
        """Build what `saved` described."""
        approvals = cls()
        for proposal in waiting:
            approvals.put(proposal)
        approvals._over = OrderedDict(over)
        return approvals
