"""Statements: balances that carry on from page to page, counts and sums, and nothing that does not add up."""

from itertools import pairwise

import pytest
from lxml import etree

from steelyard.iso20022.check import check
from steelyard.iso20022.context import Level, Outcome
from steelyard.iso20022.desk import OwnMessageIsInvalid, desk_of
from steelyard.iso20022.notices import Entry
from steelyard.iso20022.statements import Statement, statement
from tests.iso20022.contexts import rules_context, schema_context

AT = rules_context().now_at
DESK = desk_of(rules_context())
ENTRIES = [Entry(f"{n}.50", n % 3 == 0, 20_782, 20_782, str(n)) for n in range(1, 8)]
NET = 350 + 650 - 150 - 250 - 450 - 550 - 750  # 3.50 and 6.50 in, the other five out


def made(opening=500, closing=500 + NET, **more):
    return Statement("BBBBINBB/INR", "INR", 2, opening, closing, ENTRIES, {"on": "2026-11-23"}, **more)


def written(*accounts, **more):
    raw = statement(DESK, accounts, owner="BBBBINBBXXX", at=AT, item=b"i", **more)
    assert check(raw, schema_context(), level=Level.SCHEMA).outcome is Outcome.ACCEPTED
    return [*etree.fromstring(raw).iter("{*}Stmt")]


def balances(one):
    return [
        (bal.findtext(".//{*}CdOrPrtry/{*}Cd"), bal.findtext(".//{*}SubTp/{*}Cd"), bal.findtext("{*}Amt"),
         bal.findtext("{*}CdtDbtInd"))
        for bal in one.iter("{*}Bal")
    ]  # fmt: skip


def test_a_days_statement_opens_and_closes_the_day():
    (one,) = written(made())

    assert [
        ("OPBD", None, "5.00", "CRDT"),
        ("CLBD", None, "6.50", "DBIT"),
        ("CLAV", None, "6.50", "DBIT"),
    ] == (balances(one))
    assert ["7", "2", "5"] == [each.text for each in one.iterfind("{*}TxsSummry//{*}NbOfNtries")]
    assert ["31.50", "10.00", "21.50"] == [each.text for each in one.iterfind("{*}TxsSummry//{*}Sum")]
    assert "11.50" == one.findtext("{*}TxsSummry//{*}TtlNetNtry/{*}Amt")


def test_a_statement_within_a_day_closes_no_day():
    (one,) = written(made(is_interim=True, period=(AT, AT)))

    assert [("OPBD", "INTM", "5.00", "CRDT"), ("CLBD", "INTM", "6.50", "DBIT")] == balances(one)


def test_pages_carry_the_balance_on(monkeypatch):
    monkeypatch.setattr("steelyard.iso20022.statements.PAGE", 3)
    pages = written(made())

    assert ["1 false", "2 false", "3 true"] == [
        f"{one.findtext('.//{*}PgNb')} {one.findtext('.//{*}LastPgInd')}" for one in pages
    ]
    assert [["OPBD", "CLBD"], ["OPBD", "CLBD"], ["OPBD", "CLBD", "CLAV"]] == [
        [code for code, _, _, _ in balances(one)] for one in pages
    ]
    assert [(None, "INTM"), ("INTM", "INTM"), ("INTM", None)] == [
        tuple(sub for _, sub, _, _ in balances(one)[:2]) for one in pages
    ]
    for before, after in pairwise(pages):
        assert balances(before)[1][2:] == balances(after)[0][2:]
    (second,) = written(made(), page=2)
    assert balances(pages[1]) == balances(second)
    assert 3 == len({one.findtext("{*}Id") for one in pages})


def test_what_does_not_add_up_is_never_written():
    with pytest.raises(OwnMessageIsInvalid):
        written(made(closing=500 + NET + 1))


def test_an_account_on_which_nothing_moved_has_balances_alone():
    (one,) = written(Statement("BBBBINBB/INR", "INR", 2, 7, 7, [], {"on": "2026-11-23"}))

    assert 3 == len(balances(one))
    assert [] == [*one.iter("{*}Ntry")]
