"""The synthetic day: the same for one seed, true to the trade matrix, and every message valid."""

from collections import Counter
from fractions import Fraction

import pytest
from stdnum import lei as stdnum_lei
from stdnum.iso7064 import mod_97_10

from steelyard.packs import worlds
from steelyard.sim.day import Planned, corridors, needs, plan
from steelyard.sim.messages import Sender
from steelyard.sim.prices import all_sheets, decimal_text

WORLD = worlds.load()
DAY = plan(WORLD, 2_000)


def test_the_same_seed_makes_the_same_day():
    """No clock and no process-wide random number takes part."""
    assert plan(WORLD, 2_000) == DAY


def test_the_day_has_the_asked_size_and_share_of_exchange():
    """Six in ten payments are in two currencies, within what chance allows."""
    exchanged = sum(item.source != item.target for item in DAY)

    assert 2_000 == len(DAY)
    assert 1_100 < exchanged < 1_300
    assert 2_000 == len({item.uetr for item in DAY})


def test_corridors_share_out_every_payment_by_trade():
    """All ninety pairs trade; the largest corridor of the matrix carries the largest value."""
    shares = corridors(WORLD, 20_000)
    values = {(item.payer.code, item.payee.code): item.count * item.mean_usd_milli for item in shares}
    exporter, importer = max(WORLD.trade, key=lambda pair: WORLD.trade[pair])

    assert 20_000 == sum(item.count for item in shares)
    assert 90 == len(shares)
    assert (importer, exporter) == max(values, key=lambda pair: values[pair])


def test_times_never_go_back():
    """Payments are numbered in the order in which they are sent."""
    assert [item.at_s for item in DAY] == sorted(item.at_s for item in DAY)
    assert list(range(1, 2_001)) == [item.number for item in DAY]


def test_amounts_agree_with_the_rate_in_the_message():
    """The message's own rate turns one amount into the other to the last minor unit but one."""
    for item in DAY:
        if item.rate:
            assert abs(Fraction(item.rate) * item.source_minor - item.target_minor) <= 1
        else:
            assert (item.source, item.source_minor) == (item.target, item.target_minor)


def test_account_numbers_and_entity_ids_pass_an_independent_check():
    """Check digits by python-stdnum, lengths by the IBAN registry; bank codes are invented, so no register has them."""
    lengths = {"AE": 23, "BR": 29, "EG": 29, "IR": 26}
    parties = [party for item in DAY for party in (item.payer, item.payee)]

    ibans = {party.account for party in parties if party.is_iban}

    assert all(mod_97_10.is_valid(text[4:] + text[:4]) and len(text) == lengths[text[:2]] for text in ibans)
    assert all(stdnum_lei.is_valid(party.lei) for party in parties if party.lei)


def test_sheets_leave_out_the_unquoted_pairs_and_fit_a_message():
    """A rate has at most eleven digits, ten of them after the point."""
    sheets = all_sheets(WORLD)
    pairs = {frozenset((sheet.source, sheet.target)) for sheet in sheets}
    digits = [tier.rate.partition(".") for sheet in sheets for tier in sheet.tiers]

    assert not pairs & {frozenset(item.pair) for item in WORLD.network.unquoted}
    assert all(len(whole) + len(part) <= 11 and len(part) <= 10 for whole, _, part in digits)
    assert all(Fraction(sheet.tiers[0].rate) <= Fraction(sheet.tiers[1].rate) for sheet in sheets)


@pytest.mark.parametrize(
    ("value", "text"), [(Fraction(1), "1"), (Fraction(1, 8), "0.125"), (Fraction(10), "10")]
)
def test_short_decimals_stay_short(value: Fraction, text: str):
    """Nothing is padded; what fits is exact."""
    assert text == decimal_text(value)


def test_needs_are_what_flows_out_less_what_flows_in():
    """Counted anew, leg by leg; every currency's needs are met by somebody's surplus in it."""
    flow: Counter[tuple[str, str]] = Counter()
    for item in DAY:
        legs = [(item.payer.bank, item.source, item.source_minor)]
        for hop in item.hops:
            legs += [(hop.provider, hop.takes, -hop.takes_minor), (hop.provider, hop.gives, hop.gives_minor)]
        legs.append((item.payee.bank, item.target, -item.target_minor))
        for owner, currency, amount in legs:
            flow[owner, currency] += amount

    assert needs(DAY) == {key: amount for key, amount in flow.items() if amount > 0}
    for currency in {key[1] for key in flow}:
        assert 0 == sum(amount for key, amount in flow.items() if key[1] == currency)


def test_a_message_carries_what_was_planned():
    """Amounts, currencies, rate and quote stand in the bytes as text."""
    sender = Sender(
        hub_bic="STYDZAJ0", clearing_system="STYD", business_on=20_780, scales={"AED": 2, "INR": 2}
    )
    item: Planned = next(item for item in plan(WORLD, 9_000) if (item.source, item.target) == ("AED", "INR"))
    text = sender.pacs_008(
        item, at=1_795_505_400_000_000_000, quote_id="6f2c2b1e-8f0f-4c6e-9d0e-111111111111"
    ).decode()

    assert f'<InstdAmt Ccy="AED">{item.source_minor // 100}.{item.source_minor % 100:02d}</InstdAmt>' in text
    assert f"<XchgRate>{item.rate}</XchgRate>" in text
    assert "<InstrInf>QUOTE 6f2c2b1e-8f0f-4c6e-9d0e-111111111111</InstrInf>" in text
    assert "<CreDt>2026-11-24T07:30:00.000Z</CreDt>" in text
