"""A pack's content enters the state under its digest and comes into force at an instant.

Packs of the whole network are the operator's, those of a member its compliance officers'. A rulebook is read
whole before it is kept, so that a broken one never comes into force.
"""

import re

import msgspec
from msgspec import Struct

from steelyard.flows import fixing
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import PackLoaded
from steelyard.flows.fields import Digest, Label, Name
from steelyard.flows.world import World
from steelyard.liquidity.rules import read as read_liquidity
from steelyard.market.rules import read as read_market
from steelyard.members import rulebook
from steelyard.members.packs import KINDS, NETWORK_KINDS, Pack, digest_of
from steelyard.members.refusals import MemberRefusal, PackRefusal
from steelyard.payments.rules import read as read_payments
from steelyard.values.refusal import Refusal

_NAME = re.compile(r"[a-z0-9][a-z0-9._/-]{0,63}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
CONTENT_MAX = 250_000


class PackFields(Struct, array_like=True, frozen=True):
    """A version of a pack whole. `in_force_from` 0 means at once."""

    kind: Name
    id: Label
    version: Name
    digest: Digest
    content: bytes
    in_force_from: int = 0


def load(world: World, command: Command, fields: PackFields, at: int) -> Outcome:
    """Bring a pack of the whole network into force."""
    if fields.kind not in NETWORK_KINDS:
        return refused(PackRefusal.PACK_KIND_IS_UNKNOWN)
    return _load(world, command, fields, at)


def load_own(world: World, command: Command, fields: PackFields, at: int) -> Outcome:
    """Bring a pack of one's own member into force; its id begins with the member's code in small letters."""
    if fields.kind not in KINDS or fields.kind in NETWORK_KINDS:
        return refused(PackRefusal.PACK_KIND_IS_UNKNOWN)
    home = world.members.home(command.sender)
    if not home or not fields.id.startswith(home.lower() + "/"):
        return refused(MemberRefusal.OBJECT_IS_NOT_YOURS)
    return _load(world, command, fields, at)


def _load(world: World, command: Command, fields: PackFields, at: int) -> Outcome:
    from_at = fields.in_force_from or at
    refusal = _refusal(world, fields, from_at, at)
    if refusal is not None:
        return refused(refusal)
    pack = Pack(
        fields.kind, fields.id, fields.version, fields.digest, fields.content, from_at, command.sender
    )
    world.packs.put(pack)
    world.touch_context()
    if pack.kind == rulebook.KIND:
        fixing.plan(world, at)
    diary = Diary()
    diary.fact(PackLoaded(pack.kind, pack.id, pack.version, pack.digest, pack.in_force_from))
    return diary.done()


def _refusal(world: World, fields: PackFields, from_at: int, at: int) -> Refusal | None:
    named = _NAME.fullmatch(fields.id) is not None and _VERSION.fullmatch(fields.version) is not None
    if not named or not 0 < len(fields.content) <= CONTENT_MAX:
        return PackRefusal.PACK_IS_MALFORMED
    if digest_of(fields.content) != fields.digest:
        return PackRefusal.PACK_DIGEST_DIFFERS
    if from_at < at:
        return MemberRefusal.FROM_AT_MUST_BE_LATER
    if any(one.version == fields.version for one in world.packs.versions(fields.kind, fields.id)):
        return PackRefusal.PACK_VERSION_IS_TAKEN
    if fields.kind == rulebook.KIND and not _is_rulebook(fields):
        return PackRefusal.PACK_IS_MALFORMED
    return None


def _is_rulebook(fields: PackFields) -> bool:
    """Tell whether a content can be read and worked with in every section that this release reads."""
    try:
        book = rulebook.read(fields.content)
        if not rulebook.is_sound(book):
            return False
        read_payments(book.payments)
        read_liquidity(book.liquidity)
        read_market(book.market)
    except (msgspec.MsgspecError, RecursionError):  # nested deeper than any rulebook
        return False
    return fields.id == rulebook.KIND and book.version == fields.version
