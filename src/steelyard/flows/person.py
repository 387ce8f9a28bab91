"""Who may act for whom: persons and system keys enter, change their roles and are revoked.

The two operator persons of row 1 admit the rest. What identifies a person outside (name, password, one-time
code) is kept in the access store under the person's id; here are ids, roles, public keys and, where two
persons could be one human, a keyed digest that says so.
"""

from msgspec import Struct
from msgspec.structs import replace

from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import ActorChanged
from steelyard.flows.fields import Digest, Label, Word
from steelyard.flows.world import World
from steelyard.members.people import FOR_EVER, KEY, PERSON, REVOKED, Actor, id_is_shaped
from steelyard.members.refusals import MemberRefusal, PeopleRefusal
from steelyard.members.roles import KEY_ROLES, ROLES_OF, Role
from steelyard.members.state import OPERATOR
from steelyard.values.refusal import Refusal


class PersonFields(Struct, array_like=True, frozen=True):
    """A person who shall act for an owner. `human` is a keyed digest of who it is, empty where unknown."""

    id: Label
    owner: Label
    roles: tuple[Role, ...]
    human: Digest = b""
    public_key: Digest = b""
    credential: Digest = b""


class KeyFields(Struct, array_like=True, frozen=True):
    """A system key that shall act for an owner, held by one of its persons; `valid_to` 0 means for ever."""

    id: Label
    owner: Label
    roles: tuple[Role, ...]
    holder: Label
    public_key: Digest = b""
    credential: Digest = b""
    valid_from: int = 0
    valid_to: int = 0


class RolesFields(Struct, array_like=True, frozen=True):
    """An actor's roles from now on."""

    id: Label
    roles: tuple[Role, ...]


class RevokeFields(Struct, array_like=True, frozen=True):
    """Which actor acts no more, and a short reason code."""

    id: Label
    reason: Word = ""


def add_person(world: World, command: Command, fields: PersonFields, at: int) -> Outcome:
    """Let a person act for an owner."""
    actor = Actor(
        fields.id, fields.owner, PERSON, fields.roles, human=fields.human, public_key=fields.public_key,
        credential=fields.credential, valid_from=at,
    )  # fmt: skip
    return _add(world, command, actor)


def register_key(world: World, command: Command, fields: KeyFields, at: int) -> Outcome:
    """Let a system key act for an owner."""
    until = fields.valid_to or FOR_EVER
    actor = Actor(
        fields.id, fields.owner, KEY, fields.roles, holder=fields.holder, public_key=fields.public_key,
        credential=fields.credential, valid_from=max(fields.valid_from, at), valid_to=until,
    )  # fmt: skip
    refusal = None
    if not fields.public_key and not fields.credential:
        refusal = PeopleRefusal.CREDENTIAL_IS_MISSING
    elif until <= max(fields.valid_from, at):
        refusal = PeopleRefusal.VALIDITY_IS_EMPTY
    return _add(world, command, actor, refusal)


def set_roles(world: World, command: Command, fields: RolesFields, at: int) -> Outcome:
    """Give an actor other roles."""
    actor = _mine(world, command, fields.id)
    if isinstance(actor, Refusal):
        return refused(actor)
    refusal = _roles_refused(world, actor.owner, actor.kind, fields.roles)
    if refusal is None and Role.OPERATOR not in fields.roles:
        refusal = _last(world, actor)
    if refusal is not None:
        return refused(refusal)
    diary = Diary()
    _put(world, diary, replace(actor, roles=fields.roles))
    return diary.done()


def revoke(world: World, command: Command, fields: RevokeFields, at: int) -> Outcome:
    """Let an actor act no more; with a person go the keys it holds."""
    actor = _mine(world, command, fields.id)
    if isinstance(actor, Refusal):
        return refused(actor)
    refusal = _last(world, actor)
    if refusal is not None:
        return refused(refusal)
    diary = Diary()
    held = [one for one in world.members.actors.values() if one.holder == actor.id and one.state != REVOKED]
    for one in (actor, *sorted(held, key=lambda key: key.id)):
        _put(world, diary, replace(one, state=REVOKED))
    return diary.done()


def _add(world: World, command: Command, actor: Actor, wrong: PeopleRefusal | None = None) -> Outcome:
    members = world.members
    refusal: Refusal | None = wrong
    holder = members.actors.get(actor.holder)
    if not id_is_shaped(actor.id, actor.kind):
        refusal = PeopleRefusal.ACTOR_ID_IS_MALFORMED
    elif actor.id in members.actors:
        refusal = PeopleRefusal.ACTOR_IS_TAKEN
    elif members.owner_kind(actor.owner) is None:
        refusal = PeopleRefusal.OWNER_NOT_FOUND
    elif not members.reaches(command.actor, "grant", owner=actor.owner):
        refusal = MemberRefusal.OBJECT_IS_NOT_YOURS
    elif (fault := _roles_refused(world, actor.owner, actor.kind, actor.roles)) is not None:
        refusal = fault
    elif len(actor.public_key) not in (0, 32):
        refusal = PeopleRefusal.CREDENTIAL_IS_MISSING
    elif actor.public_key and members.actor_of_key(actor.public_key) is not None:
        refusal = PeopleRefusal.KEY_IS_TAKEN
    elif actor.kind == KEY and (holder is None or holder.owner != actor.owner or holder.state == REVOKED):
        refusal = PeopleRefusal.HOLDER_NOT_FOUND
    if refusal is not None:
        return refused(refusal)
    diary = Diary()
    _put(world, diary, actor)
    return diary.done()


def _mine(world: World, command: Command, id: str) -> Actor | Refusal:
    actor = world.members.actors.get(id)
    if actor is None or actor.state == REVOKED:
        return PeopleRefusal.ACTOR_NOT_FOUND
    if not world.members.reaches(command.actor, "grant", owner=actor.owner):
        return MemberRefusal.OBJECT_IS_NOT_YOURS
    return actor


def _roles_refused(world: World, owner: str, kind: str, roles: tuple[Role, ...]) -> PeopleRefusal | None:
    of_owner = world.members.owner_kind(owner)
    assert of_owner is not None
    allowed = ROLES_OF[of_owner] if kind == PERSON else KEY_ROLES[of_owner]
    if not roles or len(set(roles)) != len(roles) or not set(roles) <= set(allowed):
        return PeopleRefusal.ROLE_DOES_NOT_FIT
    participant = world.members.participant(owner)
    if Role.FX_PROVIDER in roles and (participant is None or not participant.provider):
        return PeopleRefusal.ROLE_DOES_NOT_FIT
    return None


def _last(world: World, actor: Actor) -> PeopleRefusal | None:
    """Say that the operator would be left without two humans, or nothing."""
    if Role.OPERATOR not in actor.roles:
        return None
    left = {
        world.members.human(one.id)
        for one in world.members.actors.values()
        if one.owner == OPERATOR
        and one.id != actor.id
        and one.state != REVOKED
        and Role.OPERATOR in one.roles
    }
    return PeopleRefusal.LAST_PERSON_MUST_STAY if len(left) < 2 else None


def _put(world: World, diary: Diary, actor: Actor) -> None:
    world.members.put_actor(actor)
    world.touch_context()
    diary.fact(ActorChanged(actor.id, actor.owner, actor.kind, actor.roles, actor.state, actor.holder))
