"""Row 1: what a network fixes for ever, before anything else can happen.

The node gives it, once. All else (members, packs, calendars, further people) comes by commands with their
content, from the operator persons that stand here.
"""

import re

from msgspec import Struct

from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import ActorChanged, RuleActivated
from steelyard.flows.rules import RULES
from steelyard.flows.world import Network, World
from steelyard.members.people import ACTIVE, PERSON, Actor, id_is_shaped
from steelyard.members.refusals import MemberRefusal
from steelyard.members.roles import Role
from steelyard.members.state import OPERATOR
from steelyard.values.identifiers import bic_is_shaped

CLOCKS = ("system", "simulated")
_NETWORK = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,34}")
_PREFIX = re.compile(r"[A-Z0-9]{2,8}")


class GenesisPerson(Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """One of the first operator persons. Without a public key its credential is the one enrolled for its id."""

    id: str
    public_key: bytes = b""
    credential: bytes = b""


class GenesisFields(Struct, array_like=True, frozen=True):
    """What row 1 fixes. `digest` is the SHA-256 of the genesis file; a simulated clock begins at row 1's time."""

    network_id: str
    node_prefix: str
    hub_bic: str
    log_id: str
    clock: str
    persons: tuple[GenesisPerson, ...]
    rules: tuple[str, ...]
    digest: bytes


def run(world: World, command: Command, fields: GenesisFields, at: int) -> Outcome:
    """Begin a network."""
    if world.commands or world.network.network_id:
        return refused(MemberRefusal.GENESIS_IS_PAST)
    if not _is_shaped(fields) or _fault_of_names(fields):
        return refused(MemberRefusal.GENESIS_NAMES_ARE_MALFORMED)
    ids = [person.id for person in fields.persons]
    if len(set(ids)) < 2 or len(set(ids)) != len(ids) or not all(id_is_shaped(id, PERSON) for id in ids):
        return refused(MemberRefusal.GENESIS_NEEDS_TWO_PERSONS)
    if not set(fields.rules) <= set(RULES):
        return refused(MemberRefusal.RULE_IS_UNKNOWN)
    diary = Diary()
    world.network = Network(
        fields.network_id, fields.node_prefix, fields.hub_bic, fields.log_id, fields.clock, fields.digest
    )
    world.engine.add_owner(OPERATOR)
    for rule in fields.rules:
        world.rules.activate(rule, at)
        diary.fact(RuleActivated(rule, at))
    for person in fields.persons:
        actor = Actor(
            person.id, OPERATOR, PERSON, (Role.OPERATOR,), public_key=person.public_key,
            credential=person.credential, valid_from=at,
        )  # fmt: skip
        world.members.put_actor(actor)
        diary.fact(ActorChanged(actor.id, OPERATOR, PERSON, (Role.OPERATOR,), ACTIVE))
    world.touch_context()
    return diary.done()


def name_faults(*, network_id: str, node_prefix: str, hub_bic: str, log_id: str) -> list[str]:
    """Say of every name that row 1 would refuse which it is and what its rule is; empty where all are right.

    >>> name_faults(network_id="nor-sud", node_prefix="7", hub_bic="STEEXX00", log_id="a")
    ['node_prefix "7": 2 to 8 capital letters or digits']
    """
    rules = (
        ("network_id", network_id, _NETWORK.fullmatch(network_id) is not None,
         "1 to 35 letters, digits and hyphens, no hyphen first"),
        ("node_prefix", node_prefix, _PREFIX.fullmatch(node_prefix) is not None,
         "2 to 8 capital letters or digits"),
        ("hub_bic", hub_bic, bic_is_shaped(hub_bic),
         "a BIC: 4 letters or digits, 2 letters of the country, 2 or 5 letters or digits, in capitals"),
        ("log_id", log_id, 0 < len(log_id) <= 64, "1 to 64 characters"),
    )  # fmt: skip
    return [f'{name} "{value}": {rule}' for name, value, is_right, rule in rules if not is_right]


def _fault_of_names(fields: GenesisFields) -> bool:
    return bool(
        name_faults(
            network_id=fields.network_id, node_prefix=fields.node_prefix, hub_bic=fields.hub_bic,
            log_id=fields.log_id,
        )
    )  # fmt: skip


def _is_shaped(fields: GenesisFields) -> bool:
    return fields.clock in CLOCKS and all(len(person.public_key) in (0, 32) for person in fields.persons)
