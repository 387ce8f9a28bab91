"""Days from files: what is written is read back, what is wrong is refused row by row."""

from decimal import Decimal

import numpy as np
import pytest

from steelyard.packs import worlds
from steelyard.sim.day import plan
from steelyard.sim.files import read, read_day
from steelyard.sim.messages import Sender
from steelyard.sim.scenario import Columns, ScenarioIsWrong
from steelyard.sim.synthetic import standard_day
from steelyard.sim.writing import write_csv

HEAD = "id,payer,payee,currency,amount_minor,at\n"


def write(folder, rows, head=HEAD):
    """Write a file of rows."""
    path = folder / "day.csv"
    path.write_text(head + "\n".join(rows) + "\n")
    return path


def test_a_written_day_is_read_back(tmp_path):
    """Amounts in US cents whatever the currency: every rate is one."""
    day = standard_day(1, 500)
    write_csv(day, tmp_path / "day.csv")
    found = read(tmp_path / "day.csv", rates=dict.fromkeys(day.currencies, Decimal(1)))

    assert [] == found.refused
    for column in ("amount_minor", "priority", "at_s"):
        assert (getattr(day, column) == getattr(found.day, column)).all()
    assert (np.array(day.banks)[day.payer] == np.array(found.day.banks)[found.day.payer]).all()
    assert set(day.members) == set(found.day.members)
    assert (day.close_s, day.opens_s) == (found.day.close_s, found.day.opens_s)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1,A,A,EUR,5,08:00", "payer and payee are the same: A"),
        ("1,A,B,EUR,-5,08:00", "amount_minor: -5 is not above zero"),
        ("1,A,B,EUR,0,08:00", "amount_minor: 0 is not above zero"),
        ("1,A,B,EUR,5.5,08:00", "'5.5' is no whole number of minor units"),
        ("1,A,B,euro,5,08:00", "unknown currency 'euro'"),
        ("1,A,B,EUR,5,noon", "at: 'noon' is no instant"),
        ("1,,B,EUR,5,08:00", "payer: nobody is named"),
        ("0,A,B,EUR,5,08:00", "id 0 is there twice"),
        ("1,A,B,EUR,5,06:00", "times are not sorted"),
        ("1,A,B,EUR," + "9" * 20 + ",08:00", "beyond all measure"),
        ("1,A,B,EUR," + "9" * 5000 + ",08:00", "beyond all measure"),
        (f"1,A,B,EUR,{2**62 - 1},08:00", "the amounts of the day sum to more than is counted with"),
        ("1,A,B,EUR,5," + "9" * 30, "is no instant"),
        (f"1,A,B,EUR,5,{8 * 86_400 + 8 * 3600}", "more than a week after the first payment"),
    ],
)
def test_a_wrong_row_is_refused_with_its_place(tmp_path, row, said):
    """The rest of the file is the day; where nothing may be wrong the first refusal is raised."""
    path = write(tmp_path, ["0,A,B,EUR,7,07:00", row, "2,B,A,EUR,3,09:00"])
    found = read(path)

    assert ["day.csv:3"] == [one.place for one in found.refused]
    assert said in found.refused[0].reason
    assert 10 == found.day.gross_minor
    with pytest.raises(ScenarioIsWrong, match=r"day.csv:3: "):
        read_day(path, Columns(), {})


def test_columns_are_mapped(tmp_path):
    """A file keeps its own headings."""
    path = write(tmp_path, ["x;1"], head="von,an,w,betrag,zeit\nA,B,EUR,5,60\n")
    columns = Columns(payer="von", payee="an", currency="w", amount="betrag", at="zeit")

    assert 5 == read(path, columns).day.gross_minor
    with pytest.raises(ScenarioIsWrong, match=r"day.csv:1: there is no column 'payer'"):
        read(path)


def test_several_currencies_want_rates(tmp_path):
    """Sums over currencies need a unit of account; with it every amount counts in that."""
    path = write(tmp_path, ["1,A,B,EUR,5,08:00", "2,B,A,IDR,160000,08:01"])

    with pytest.raises(ScenarioIsWrong, match=r"\[data.rates\]"):
        read(path)
    day = read(path, rates={"EUR": Decimal("1.1"), "IDR": Decimal("0.0006")}).day
    assert [6, 96] == day.amount_minor.tolist()
    assert [1] == [len(read(path, rates={"EUR": Decimal(1)}).refused)]


def test_an_empty_file_is_a_day_of_no_payments(tmp_path):
    """Headings alone are no fault."""
    assert 0 == len(read(write(tmp_path, [])).day)


def test_members_come_from_bics(tmp_path):
    """The country of a BIC, where no column says whose a bank is."""
    day = read(write(tmp_path, ["1,AAAABRRJ,CCCCCNSH,EUR,5,08:00"])).day

    assert ("BR", "CN") == day.members


def test_a_folder_of_messages_is_a_day(tmp_path):
    """Each pacs.008 is a payment at its time; what is no valid message is listed, not lost."""
    world = worlds.load()
    scales = {member.currency: member.scale for member in world.members}
    sender = Sender(hub_bic="STYDZAJ0", clearing_system="STYD", business_on=20_781, scales=scales)
    items = [item for item in plan(world, 2_000) if item.source == item.target == "AED"][:5]
    for number, item in enumerate(reversed(items)):
        at = 1_795_505_400 * 10**9 + item.at_s * 10**9
        (tmp_path / f"{number}.xml").write_bytes(sender.pacs_008(item, at=at))
    (tmp_path / "broken.xml").write_bytes(b"<Document")
    found = read(tmp_path)

    assert [item.target_minor for item in items] == found.day.amount_minor.tolist()
    assert ["broken.xml"] == [one.place for one in found.refused]
    assert {item.payer.bank for item in items} <= {bank.removesuffix("XXX") for bank in found.day.banks}
