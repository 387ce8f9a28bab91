"""Every refusal of opening and changing assets, accounts and limits, by name."""

import pytest

from steelyard.engine.accounts import COUNTER_MAX, AccountKind, AccountState
from steelyard.engine.legs import Act
from steelyard.engine.limits import LimitKind
from steelyard.engine.refusals import Refusal, SettingRefusal
from steelyard.engine.state import Engine
from steelyard.values.asset import AssetClass
from tests.engine.world import AT, Small, number

MONEY = AssetClass.CURRENCY


@pytest.fixture
def world():
    return Small("anna", "bram", funded=100)


def open_account(world, name, kind=AccountKind.SETTLEMENT, **rest):
    return world.engine.open_account(name, name.split("/")[0], world.nor, kind, **rest)


@pytest.mark.parametrize("code", ["", "nor", "N R", "NÖR", "N" * 33])
def test_asset_code_is_malformed(world, code):
    found = world.engine.open_asset(code, MONEY, scale=2, issuer="STAG")

    assert found is SettingRefusal.ASSET_CODE_IS_MALFORMED


def test_asset_code_is_taken(world):
    found = world.engine.open_asset("NOR", MONEY, scale=2, issuer="STAG")

    assert found is SettingRefusal.ASSET_CODE_IS_TAKEN


@pytest.mark.parametrize("scale", [-1, 10])
def test_scale_is_out_of_range(world, scale):
    found = world.engine.open_asset("SUD", MONEY, scale=scale, issuer="STAG")

    assert found is SettingRefusal.SCALE_IS_OUT_OF_RANGE


def test_scale_cannot_change(world):
    assert world.engine.open_asset("NOR", MONEY, scale=3, issuer="STAG") is SettingRefusal.SCALE_CANNOT_CHANGE


def test_asset_is_not_empty(world):
    assert world.engine.close_asset(world.nor) is SettingRefusal.ASSET_IS_NOT_EMPTY


@pytest.mark.parametrize(
    "name", ["anna", "anna/SUD", "bram/NOR/x", "anna/NOR/", "anna/NOR/trädgård", "анна/NOR", "anna/nor"]
)
def test_account_name_is_malformed(world, name):
    found = world.engine.open_account(name, "anna", world.nor, AccountKind.SETTLEMENT)

    assert found is SettingRefusal.ACCOUNT_NAME_IS_MALFORMED


@pytest.mark.parametrize("name", ["anna/NOR", "ANNA/NOR", "Anna/NOR"])
def test_account_name_is_taken(world, name):
    assert open_account(world, name) is SettingRefusal.ACCOUNT_NAME_IS_TAKEN


def test_accounts_are_full():
    world = Small("anna", "bram", engine=Engine(accounts_max=3))

    assert open_account(world, "cleo/NOR") is SettingRefusal.ACCOUNTS_ARE_FULL


def test_floor_must_not_be_positive(world):
    assert open_account(world, "cleo/NOR", floor=1) is SettingRefusal.FLOOR_MUST_NOT_BE_POSITIVE


def test_kind_allows_no_floor(world):
    found = open_account(world, "cleo/NOR", AccountKind.CLIENT, floor=-1)

    assert found is SettingRefusal.KIND_ALLOWS_NO_FLOOR
    assert isinstance(open_account(world, "cleo/NOR", AccountKind.FX, floor=-1), int)


def test_ceiling_is_below_floor(world):
    assert open_account(world, "cleo/NOR", floor=-5, ceiling=-6) is SettingRefusal.CEILING_IS_BELOW_FLOOR
    found = open_account(world, "STAG/NOR/more", AccountKind.ISSUER, ceiling=-1)
    assert found is SettingRefusal.CEILING_IS_BELOW_FLOOR


def test_bound_is_too_large(world):
    assert open_account(world, "cleo/NOR", floor=-COUNTER_MAX - 1) is SettingRefusal.BOUND_IS_TOO_LARGE
    assert open_account(world, "cleo/NOR", ceiling=COUNTER_MAX + 1) is SettingRefusal.BOUND_IS_TOO_LARGE
    found = world.engine.open_limit(LimitKind.FLOW, world.nor, COUNTER_MAX + 1)
    assert found is SettingRefusal.BOUND_IS_TOO_LARGE


def test_owner_is_not_the_issuer(world):
    found = open_account(world, "anna/NOR/issue", AccountKind.ISSUER)

    assert found is SettingRefusal.OWNER_IS_NOT_THE_ISSUER


def test_account_is_not_empty(world):
    anna = world.no("anna")
    assert world.engine.close_account(anna) is SettingRefusal.ACCOUNT_IS_NOT_EMPTY
    world.move(("anna", "bram", 100))
    held, _ = world.reserve(("bram", "anna", 5))

    assert world.engine.close_account(anna) is SettingRefusal.ACCOUNT_IS_NOT_EMPTY
    world.engine.release(held, at=AT)
    assert world.engine.close_account(anna) is None
    account = world.engine.account(anna)
    assert account is not None
    assert account.state is AccountState.CLOSED


def test_two_people_needed(world):
    anna = world.no("anna")

    assert world.engine.change_account(anna, floor=-1, ceiling=None) is SettingRefusal.TWO_PEOPLE_NEEDED
    assert world.engine.change_account(anna, floor=-9, ceiling=None, people=2) is None
    assert world.engine.change_account(anna, floor=-8, ceiling=50) is None
    assert world.engine.change_account(anna, floor=-8, ceiling=51) is SettingRefusal.TWO_PEOPLE_NEEDED
    assert world.engine.change_account(anna, floor=-8, ceiling=None) is SettingRefusal.TWO_PEOPLE_NEEDED
    world.engine.block(anna, freeze=True)
    assert world.engine.unblock(anna) is SettingRefusal.TWO_PEOPLE_NEEDED
    assert world.engine.unblock(anna, people=2) is None
    assert world.move(("anna", "bram", 5)) == Act()


def test_limit_not_found(world):
    for found in (
        world.engine.change_limit(1, cap=5),
        world.engine.attach_limit(1, [2]),
        world.engine.detach_limit(1, 2),
        world.engine.reset_window(1),
    ):
        assert found is SettingRefusal.LIMIT_NOT_FOUND


def test_limit_cap_must_not_be_negative(world):
    found = world.engine.open_limit(LimitKind.FLOW, world.nor, -1)

    assert found is SettingRefusal.LIMIT_CAP_MUST_NOT_BE_NEGATIVE


def test_limit_asset_differs(world):
    sud = number(world.engine.open_asset("SUD", MONEY, scale=2, issuer="STAG"))
    limit = number(world.engine.open_limit(LimitKind.FLOW, sud, 5))

    assert world.engine.attach_limit(limit, [world.no("anna")]) is SettingRefusal.LIMIT_ASSET_DIFFERS


def test_limit_owner_differs(world):
    limit = number(world.engine.open_limit(LimitKind.PAIR, world.nor, 5, owner="anna", other="bram"))

    assert world.engine.attach_limit(limit, [world.no("bram")]) is SettingRefusal.LIMIT_OWNER_DIFFERS


def test_limit_has_no_window(world):
    limit = number(world.engine.open_limit(LimitKind.NET_DEBIT, world.nor, 5))

    assert world.engine.reset_window(limit) is SettingRefusal.LIMIT_HAS_NO_WINDOW


def test_limit_is_attached(world):
    limit = number(world.engine.open_limit(LimitKind.FLOW, world.nor, 5))
    anna = world.no("anna")

    assert world.engine.attach_limit(limit, [anna, anna]) is SettingRefusal.LIMIT_IS_ATTACHED
    assert world.engine.attach_limit(limit, [anna]) is None
    assert world.engine.attach_limit(limit, [world.no("bram"), anna]) is SettingRefusal.LIMIT_IS_ATTACHED
    assert world.engine.detach_limit(limit, world.no("bram")) is SettingRefusal.LIMIT_NOT_FOUND
    assert world.engine.detach_limit(limit, anna) is None


def test_what_is_not_there_cannot_be_changed(world):
    for found in (
        world.engine.close_account(99),
        world.engine.change_account(99, floor=0, ceiling=None),
        world.engine.block(99),
        world.engine.unblock(99),
    ):
        assert found is Refusal.ACCOUNT_NOT_FOUND
    assert world.engine.open_account("a/X", "a", 9, AccountKind.FX) is Refusal.ASSET_IS_CLOSED
    assert world.engine.open_limit(LimitKind.FLOW, 9, 5) is Refusal.ASSET_IS_CLOSED


def test_a_refused_setting_changes_nothing(world):
    before = world.engine.state_hash()
    open_account(world, "cleo/NOR", floor=1)
    open_account(world, "cleo/NOR", AccountKind.ISSUER)
    world.engine.open_asset("NOR", MONEY, scale=3, issuer="nobody")
    world.engine.open_limit(LimitKind.PAIR, world.nor, -1, owner="x", other="y")

    assert before == world.engine.state_hash()
