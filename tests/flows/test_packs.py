"""Packs by command: content under its digest, in force from an instant, a rulebook read before it is kept."""

import msgspec
import pytest

from steelyard.engine.refusals import Refusal, SettingRefusal
from steelyard.flows.facts import PackLoaded
from steelyard.flows.packs import PackFields
from steelyard.flows.person import PersonFields
from steelyard.members.packs import digest_of
from steelyard.members.refusals import MemberRefusal, PackRefusal
from steelyard.members.roles import Role
from steelyard.members.rulebook import content_of
from steelyard.values.instants import DAY
from tests.members.network import MEMBERS, Net, done, facts, ready, refused


@pytest.fixture
def net() -> Net:
    return ready()


def pack(content=None, kind="rulebook", id="rulebook", version="2", digest=None, from_at=0, **figures):
    if content is None:
        content = content_of({"version": version, **figures})
    return PackFields(kind, id, version, digest_of(content) if digest is None else digest, content, from_at)


def test_a_rulebook_counts_from_its_instant_and_the_old_one_until_then(net):
    from_at = net.at + DAY
    outcome = done(net.ops("pack.load", pack(members={"horizon_days": 5}, from_at=from_at)))
    (loaded,) = facts(outcome, PackLoaded)

    assert ("rulebook", "2", from_at) == (loaded.kind, loaded.version, loaded.in_force_from)
    assert (10, 5) == (
        net.world.packs.rulebook(from_at - 1).members.horizon_days,
        net.world.packs.rulebook(from_at).members.horizon_days,
    )
    net.check()


def test_the_rulebook_is_one_object_while_it_is_in_force(net):
    done(net.ops("pack.load", pack(from_at=net.at + DAY)))
    book = net.world.packs.rulebook(net.at)

    assert book is net.world.packs.rulebook(net.at + 1)
    assert book is not net.world.packs.rulebook(net.at + DAY)
    assert "2" == net.world.packs.rulebook(net.at + DAY).version
    assert book == net.world.packs.rulebook(net.at)


def test_a_network_pack_takes_two_operators(net):
    assert refused(net.do("p-op-1", "pack.load", pack()), SettingRefusal.TWO_PEOPLE_NEEDED)
    assert refused(net.do("nor/1", "pack.load", pack()), Refusal.SENDER_HAS_NO_RIGHT)


def test_pack_digest_differs(net):
    assert refused(net.ops("pack.load", pack(digest=b"x" * 32)), PackRefusal.PACK_DIGEST_DIFFERS)


def broken(figures):
    return msgspec.msgpack.encode({"version": "2", **figures})


@pytest.mark.parametrize(
    "fields",
    [
        pack(b""),
        pack(b"\xc1"),
        pack(b"x" * 250_001, kind="codes", id="c"),
        pack(id="Rule Book"),
        pack(id=""),
        pack(version=""),
        pack(version="2 b"),
        pack(broken({"members": {"no_such_figure": 1}})),
        pack(broken({"members": {"approval_ms": 0}})),
        pack(broken({"members": {"approval_ms": "soon"}})),
        pack(broken({"members": {"residual_cap_minor": -1}})),
        pack(broken({"liquidity": {"share": 0.5}})),
        pack(broken({"liquidity": {"share": None}})),
        pack(broken({"payments": {"path_bp": -1}})),
        pack(broken({"payments": {"no_such_figure": 1}})),
        pack(broken({}), version="3"),
        pack(broken({}), id="other"),
    ],
)
def test_pack_is_malformed(net, fields):
    before = net.world.packs.encode()

    assert refused(net.ops("pack.load", fields), PackRefusal.PACK_IS_MALFORMED)
    assert before == net.world.packs.encode()


def test_pack_version_is_taken(net):
    done(net.ops("pack.load", pack()))

    assert refused(net.ops("pack.load", pack(members={"horizon_days": 5})), PackRefusal.PACK_VERSION_IS_TAKEN)


def test_what_comes_into_force_does_so_after_the_command(net):
    assert refused(net.ops("pack.load", pack(from_at=net.at)), MemberRefusal.FROM_AT_MUST_BE_LATER)


@pytest.mark.parametrize("kind", ["jurisdiction", "list", "song"])
def test_pack_kind_is_unknown(net, kind):
    assert refused(net.ops("pack.load", pack(b"x", kind=kind, id="a")), PackRefusal.PACK_KIND_IS_UNKNOWN)


@pytest.fixture
def officers(net):
    for n in ("1", "2"):
        fields = PersonFields(f"p-off-{n}", MEMBERS["NOR"], (Role.COMPLIANCE_OFFICER,))
        done(net.ops("person.add", fields))
    return net


def test_a_member_brings_its_own_rule_packs_by_two_officers(officers):
    fields = pack(b"rules", kind="jurisdiction", id="nor/purpose")
    done(officers.two("off/1", "off/2", "rule_pack.load", fields))
    held = officers.world.packs.get("jurisdiction", "nor/purpose", officers.at)

    assert (b"rules", MEMBERS["NOR"]) == (held.content, held.owner)
    officers.check()


def test_a_members_pack_bears_its_members_code(officers):
    fields = pack(b"rules", kind="jurisdiction", id="sud/purpose")
    outcome = officers.two("off/1", "off/2", "rule_pack.load", fields)

    assert refused(outcome, MemberRefusal.OBJECT_IS_NOT_YOURS)


def test_a_network_pack_is_no_members_to_bring(officers):
    outcome = officers.two("off/1", "off/2", "rule_pack.load", pack())

    assert refused(outcome, PackRefusal.PACK_KIND_IS_UNKNOWN)


def test_of_two_versions_the_later_in_force_counts(net):
    first, second = net.at + 2 * DAY, net.at + DAY
    done(net.ops("pack.load", pack(version="a", from_at=first)))
    done(net.ops("pack.load", pack(version="b", from_at=second)))

    assert ["0", "b", "a"] == [net.world.packs.rulebook(at).version for at in (second - 1, second, first)]
