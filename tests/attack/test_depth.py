"""Bytes nested deeper than any reader goes, and figures larger than any snapshot holds."""

from typing import Any

import msgspec
import pytest
from msgspec import Raw
from msgspec.structs import replace

from steelyard.flows.approve import ProposeFields
from steelyard.flows.command import Code, Command, encode
from steelyard.flows.packs import PackFields
from steelyard.flows.redeem import RedeemFields
from steelyard.flows.refusals import Admission
from steelyard.flows.registry import COMMANDS
from steelyard.members.packs import digest_of
from steelyard.members.refusals import PackRefusal, PeopleRefusal
from steelyard.members.rulebook import content_of
from tests.members.network import Net, ready

DEPTHS = (900, 2_000, 100_000)


def deep(levels: int) -> bytes:
    return b"\x91" * levels + b"\x90"


def sized(head: int) -> bytes:
    return bytes([0x90 | head]) if head < 16 else b"\xdc" + head.to_bytes(2, "big")


@pytest.fixture
def net() -> Net:
    return ready()


@pytest.mark.parametrize("levels", DEPTHS)
def test_a_field_too_many_is_malformed_however_deep(levels: int) -> None:
    for entry in COMMANDS:
        count = len(entry.fields.__struct_fields__)
        content = sized(count + 1) + b"\x00" * count + deep(levels)

        with pytest.raises(msgspec.ValidationError):
            entry.decode(Raw(content))


@pytest.mark.parametrize("levels", DEPTHS)
def test_a_command_nested_deep_is_turned_away(net: Net, levels: int) -> None:
    command = net.command("redeem", RedeemFields("NOR", 1), "k-anna")
    content = b"\x93" + bytes(command.fields)[1:] + deep(levels)
    applied = net.machine.apply(replace(command, fields=Raw(content)), at=net.at)

    assert applied.refusal is Admission.COMMAND_IS_MALFORMED
    assert not applied.recorded


@pytest.mark.parametrize("levels", DEPTHS)
@pytest.mark.parametrize("part", ["fields", "added"])
def test_what_is_proposed_is_malformed_however_deep(net: Net, part: str, levels: int) -> None:
    plain = net.command("redeem", RedeemFields("NOR", 1), "p-anna-maker")
    parts: list[Any] = [encode(getattr(plain, name)) for name in Command.__struct_fields__]
    parts[Command.__struct_fields__.index(part)] = deep(levels)
    outcome = net.do("anna/maker", "propose", ProposeFields(b"\x99" + b"".join(parts)))

    assert (outcome.code, outcome.refusal) == (Code.REFUSED, PeopleRefusal.INNER_COMMAND_IS_MALFORMED.code)


@pytest.mark.parametrize("levels", [20, *DEPTHS])
def test_a_rulebook_nested_deep_never_comes_into_force(net: Net, levels: int) -> None:
    content = (
        b"\x82" + encode("version") + encode("2") + encode("market") + b"\x81" + encode("x") + deep(levels)
    )
    fields = PackFields("rulebook", "rulebook", "2", digest_of(content), content)
    outcome = net.ops("pack.load", fields)

    assert (outcome.code, outcome.refusal) == (Code.REFUSED, PackRefusal.PACK_IS_MALFORMED.code)


FEE = {"what": "x", "side": "payer", "keeper": "operator"}
FIGURES: tuple[dict[str, Any], ...] = (
    {"members": {"approval_ms": 2**63}},
    {"members": {"horizon_days": 10**6}},
    {"members": {"redeem_overdue_ms": 2**62}},
    {"members": {"suspension_step": 2**40}},
    {"members": {"residual_cap_minor": 2**63}},
    {"payments": {"requote_ms": 2**62}},
    {"payments": {"offer_ms": [2**62, 1]}},
    {"payments": {"chain_ms": [1, 2**62]}},
    {"payments": {"quotes_max": 10**6}},
    {"payments": {"unposted_days": 10**6}},
    {"payments": {"memory_payments": 2**63}},
    {"payments": {"rate_band_bp": 2**63}},
    {"payments": {"fees": [{**FEE, "fixed_minor": 2**63}]}},
    {"payments": {"fees": [{**FEE, "bp": 10_000}, {**FEE, "bp": 1}]}},
    {"payments": {"fees": [FEE] * 33}},
)


@pytest.mark.parametrize("figures", FIGURES, ids=str)
def test_a_rulebook_with_figures_out_of_all_bounds_never_comes_into_force(
    net: Net, figures: dict[str, Any]
) -> None:
    content = content_of({"version": "2", **figures})
    outcome = net.ops("pack.load", PackFields("rulebook", "rulebook", "2", digest_of(content), content))

    assert (outcome.code, outcome.refusal) == (Code.REFUSED, PackRefusal.PACK_IS_MALFORMED.code)
