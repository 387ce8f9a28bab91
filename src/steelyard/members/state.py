"""All that a node knows of members, participants, people and what waits for a second person."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.engine.refusals import SettingRefusal
from steelyard.members import rights
from steelyard.members.accounts import FEE, ISSUER, SUSPENSE, Accounts
from steelyard.members.approvals import Approvals, Over, Proposal
from steelyard.members.members import Member, MemberState
from steelyard.members.participants import RECEIVES, SENDS, Participant
from steelyard.members.people import REVOKED, Actor
from steelyard.members.rights import Persons, Right, Scope
from steelyard.members.roles import OwnerKind
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

OPERATOR = "operator"
NODE = "node"
_encode = msgspec.msgpack.Encoder(order="deterministic").encode


class Pass(NamedTuple):
    """What the door needs of an actor."""

    owner: str
    may: dict[str, Right]
    valid_from: Instant
    valid_to: Instant


class Members:
    """The directory: members by code, participants by BIC, actors by id, accounts by purpose."""

    __slots__ = (
        "_keys",
        "_passes",
        "accounts",
        "actors",
        "agents",
        "approvals",
        "assets",
        "members",
        "participants",
    )

    def __init__(self) -> None:
        self.members: dict[str, Member] = {}
        self.participants: dict[str, Participant] = {}
        self.actors: dict[str, Actor] = {}
        self.accounts = Accounts()
        self.approvals = Approvals()
        self.agents: dict[str, Member] = {}  # by the BIC of the settlement agent
        self.assets: dict[str, Member] = {}  # by currency
        self._passes: dict[str, Pass] = {}
        self._keys: dict[bytes, str] = {}  # public key -> actor, revoked ones too

    # The door

    def refuse(
        self, *, actor: str, sender: str, action: str, two_people: bool, at: Instant = 0
    ) -> Refusal | None:
        """Give why an actor may not do this for the sender, or None. `at` 0 asks of no validity in time."""
        if not action:
            return None if actor == NODE else EngineRefusal.SENDER_HAS_NO_RIGHT
        held = self._passes.get(actor)
        if held is None or held.owner != sender:
            return EngineRefusal.SENDER_HAS_NO_RIGHT
        right = held.may.get(action)
        if right is None or (at and not held.valid_from <= at < held.valid_to):
            return EngineRefusal.SENDER_HAS_NO_RIGHT
        if two_people or right.persons is Persons.TWO:
            return SettingRefusal.TWO_PEOPLE_NEEDED
        return None

    def right(self, actor: str, action: str) -> Right | None:
        """Give the row by which an actor may do something, or None."""
        held = self._passes.get(actor)
        return None if held is None else held.may.get(action)

    def reaches(self, actor: str, action: str, *, owner: str = "", member: str = "", asset: str = "") -> bool:
        """Tell whether an actor's right reaches an object: named by its owner, its member or its currency."""
        right = self.right(actor, action)
        if right is None:
            return False
        if right.scope is Scope.NETWORK:
            return True
        mine = self._passes[actor].owner
        if owner and mine == owner:
            return True
        if right.scope is Scope.OWN_MEMBER:
            home = self.home(mine)
            found = self.participants.get(owner)
            return home != "" and (member == home or (found is not None and found.member == home))
        if right.scope is Scope.OWN_ASSET:
            return asset != "" and asset in self.assets and self.assets[asset].settlement_agent == mine
        return False

    def checkers(self, owner: str, action: str, human: bytes) -> Iterator[Actor]:
        """Give the people and keys of an owner that may approve an act, leaving out one human."""
        for id in sorted(self.actors):
            actor = self.actors[id]
            if actor.owner != owner or actor.state == REVOKED or self.human(actor.id) == human:
                continue
            if rights.checks(actor.roles, action):
                yield actor

    def human(self, actor: str) -> bytes:
        """Give who an actor is as a human: what its holder's digest says, else the person's id."""
        found = self.actors.get(actor)
        if found is None:
            return b""
        if found.holder and found.holder in self.actors:
            found = self.actors[found.holder]
        return found.human or found.id.encode()

    def actor_of_key(self, public_key: bytes) -> Actor | None:
        """Give the actor that a public key stands for, revoked or not, or None."""
        id = self._keys.get(public_key)
        return None if id is None else self.actors[id]

    # Looking up

    def participant(self, bic: str) -> Participant | None:
        """Give a participant by its BIC as written in the directory, or None."""
        return self.participants.get(bic)

    def member_of(self, asset: str) -> Member | None:
        """Give the member whose currency this is, or None."""
        return self.assets.get(asset)

    def home(self, owner: str) -> str:
        """Give the member code that a participant or settlement agent belongs to, or nothing."""
        found = self.participants.get(owner)
        if found is not None:
            return found.member
        member = self.agents.get(owner)
        return member.code if member is not None else ""

    def owner_kind(self, owner: str) -> OwnerKind | None:
        """Give what kind of owner this is, or None where there is none of that name."""
        if owner == OPERATOR:
            return OwnerKind.OPERATOR
        if owner in self.agents:
            return OwnerKind.SETTLEMENT_AGENT
        return OwnerKind.PARTICIPANT if owner in self.participants else None

    def settlement_account(self, owner: str, asset: str) -> int | None:
        """Give the settlement account of an owner, or None."""
        return self.accounts.settlement(owner, asset)

    def fx_account(self, owner: str, asset: str) -> int | None:
        """Give the account a provider deals from, or None."""
        return self.accounts.fx(owner, asset)

    def suspense_account(self, owner: str, asset: str) -> int | None:
        """Give the suspense account of a participant, or None."""
        return self.accounts.get(SUSPENSE, owner, asset)

    def fee_account(self, owner: str, asset: str) -> int | None:
        """Give where an owner keeps its fees: its fee account, else its settlement account, or None."""
        found = self.accounts.get(FEE, owner, asset)
        return found if found is not None else self.accounts.settlement(owner, asset)

    def issuer_account(self, asset: str) -> int | None:
        """Give the issuer account of a currency, or None."""
        member = self.assets.get(asset)
        return None if member is None else self.accounts.get(ISSUER, member.settlement_agent, asset)

    # Changing

    def put_member(self, member: Member) -> None:
        """Keep a member, new or changed."""
        self.members[member.code] = member
        self.agents[member.settlement_agent] = member
        self.assets[member.asset] = member
        for participant in self.participants.values():
            if participant.member == member.code:
                self._gate(participant)

    def put_participant(self, participant: Participant) -> None:
        """Keep a participant, new or changed."""
        self.participants[participant.bic] = participant
        self._gate(participant)

    def put_actor(self, actor: Actor) -> None:
        """Keep an actor, new or changed; a revoked one passes no door any more."""
        self.actors[actor.id] = actor
        if actor.public_key:
            self._keys[actor.public_key] = actor.id
        if actor.state == REVOKED:
            self._passes.pop(actor.id, None)
        else:
            self._passes[actor.id] = Pass(
                actor.owner, rights.may(actor.roles), actor.valid_from, actor.valid_to
            )

    def revoke(self, id: str) -> None:
        """Let an actor act no more."""
        self.put_actor(replace(self.actors[id], state=REVOKED))

    def _gate(self, participant: Participant) -> None:
        member = self.members.get(participant.member)
        alive = member is not None and member.state is MemberState.ACTIVE
        participant.sends = alive and participant.state in SENDS
        participant.receives = alive and participant.state in RECEIVES

    # Bytes

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        waiting, over = self.approvals.saved()
        saved = _Saved(
            [self.members[code] for code in sorted(self.members)],
            [self.participants[bic] for bic in sorted(self.participants)],
            [self.actors[id] for id in sorted(self.actors)],
            self.accounts.rows(), waiting, over,
        )  # fmt: skip
        return _encode(saved)

    @classmethod
    def decode(cls, data: bytes) -> "Members":
        """Build what `encode` described."""
        saved = msgspec.msgpack.decode(data, type=_Saved)
        members = cls()
        for member in saved.members:
            members.put_member(member)
        for participant in saved.participants:
            members.put_participant(participant)
        for actor in saved.actors:
            members.put_actor(actor)
        members.accounts = Accounts.load(saved.accounts)
        members.approvals = Approvals.load(saved.waiting, saved.over)
        return members


class _Saved(Struct, array_like=True, frozen=True):
    members: list[Member]
    participants: list[Participant]
    actors: list[Actor]
    accounts: list[tuple[str, str, str, int]]
    waiting: list[Proposal]
    over: list[tuple[bytes, Over]]
