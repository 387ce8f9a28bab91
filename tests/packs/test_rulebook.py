"""The rulebook pack: complete, equal to the defaults in code, and refused where it cannot be worked with."""

import msgspec
import pytest

from steelyard.market import rules as market_rules
from steelyard.market.rules import MarketRules
from steelyard.members.rulebook import MemberRules, read
from steelyard.packs.calendars import PackIsBroken
from steelyard.packs.rulebook import load
from steelyard.payments import rules
from steelyard.payments.rules import PaymentRules

HEAD = 'id = "rulebook"\nversion = "9"\nsource = "a test"\n'


def test_the_default_pack_says_what_the_code_says():
    pack = load()
    book = read(pack.content)

    assert ("rulebook", pack.version) == (pack.id, book.version)
    assert MemberRules() == book.members
    assert PaymentRules() == rules.read(book.payments)
    assert MarketRules() == market_rules.read(book.market)


def test_the_default_pack_names_every_figure_but_tables_without_rows():
    book = msgspec.msgpack.decode(load().content)

    assert set(MemberRules.__struct_fields__) == set(book["members"])
    assert set(MarketRules.__struct_fields__) == set(book["market"])
    assert {"scheme_cap_minor", "fees"} == set(PaymentRules.__struct_fields__) - set(book["payments"])


def test_a_pack_names_only_what_it_changes():
    book = read(load(HEAD + "[members]\nhorizon_days = 5\n").content)

    assert MemberRules(horizon_days=5) == book.members


@pytest.mark.parametrize(
    "text",
    [
        "",
        'id = "rulebook"\nversion = "9"\n',
        HEAD + "[members]\nno_such_figure = 1\n",
        HEAD + "[members]\napproval_ms = 0\n",
        HEAD + "[payments]\npath_bp = -1\n",
        HEAD + "[payments]\nno_such_figure = 1\n",
        HEAD + "[liquidity]\nshare = 0.5\n",
        HEAD + "[market]\ntender_bond_bp = 10001\n",
        HEAD + "[market]\nno_such_figure = 1\n",
        HEAD + "[no_such_section]\n",
        HEAD + "[expect]\nmembers_min = 1\n",
        HEAD + "[members\n",
    ],
)
def test_what_cannot_be_worked_with_is_broken(text):
    with pytest.raises(PackIsBroken):
        load(text)
