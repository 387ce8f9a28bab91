"""Tenders: each command against a real node; a bid is sealed here and its salt stays here."""

import json
import stat

import pytest

from tests.api.world import GHAF, SIDR, TAMR

UNKNOWN = "00000000-0000-4000-8000-000000000000"
TERMS = {
    "asset": "AED", "cargoes": 3, "cargo_t": 50, "close_at": "2027-06-23T10:00:00Z",
    "open_at": "2027-06-23T11:00:00Z", "decide_s": 86_400, "sign_s": 3_600, "bond": "5.00",
    "vessels": [{"id": "v", "port": "P", "rate": "0", "count": 9}],
}  # fmt: skip
OFFER = {"id": "a", "origin": "ONE", "port": "P", "price": "244.20", "cargoes_max": 3, "cargoes_min": 2}


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Give files of terms and offers, in a folder of their own in which the commands run."""
    monkeypatch.chdir(tmp_path)
    terms, offers = tmp_path / "terms.json", tmp_path / "offers.json"
    terms.write_text(json.dumps(TERMS))
    offers.write_text(json.dumps({"offers": [OFFER]}))
    return terms, offers


def test_a_bid_is_sealed_here_and_its_salt_is_kept(at, files, tmp_path):
    """In a file of its owner's alone, which is never written over; the node gets the hash."""
    terms, offers = files
    drafted = at("tender", "draft", terms)
    assert (0, "DRAFT") == (drafted.code, drafted.fields["state"])
    tender = drafted.fields["subject"]
    assert 2 == at("tender", "show", tender, who=SIDR).code
    place = tmp_path / f"tender-{tender}-{SIDR}.json"
    assert "PUBLISHED" == at("tender", "publish", tender).fields["state"]
    bid = at("tender", "bid", tender, offers, who=SIDR)

    assert (0, "COMMITTED", place.name) == (bid.code, bid.fields["state"], bid.fields["kept in"])
    assert 0o600 == stat.S_IMODE(place.stat().st_mode)
    kept = json.loads(place.read_text())
    shown = at("tender", "show", tender, "--json", who=SIDR).json[0]
    assert [(SIDR, kept["commitment"], None)] == [
        (one["bidder"], one["commitment"], one["salt"]) for one in shown["bids"]
    ]
    assert [] == at("tender", "show", tender, "--json").json[0]["bids"]
    assert "5.00" in at("tender", "show", tender).out
    again = at("tender", "bid", tender, offers, who=SIDR)
    assert (2, kept) == (again.code, json.loads(place.read_text()))
    other = tmp_path / "other.json"
    assert 0 == at("tender", "bid", tender, offers, "--keep", other, who=SIDR).code
    assert kept["salt"] != json.loads(other.read_text())["salt"]
    early = at("tender", "reveal", other, who=SIDR)
    assert (1, True) == (early.code, "the tender is PUBLISHED; until 2027-06-23T10:00:00Z" in early.err)
    assert "WITHDRAWN" == at("tender", "withdraw", tender, who=SIDR).fields["state"]
    assert [tender] == [
        row["tender"] for row in at("tender", "list", "--buyer", GHAF, "--state", "PUBLISHED", who=TAMR).rows
    ]
    for word in ("evaluate", "stand", "award"):
        assert 1 == at("tender", word, tender).code, word
    assert 2 == at("tender", "file", tender).code
    assert 1 == at("tender", "rate", tender, UNKNOWN).code
    assert "CANCELLED" == at("tender", "cancel", tender, "harvest failed").fields["state"]
    assert "harvest failed" in at("tender", "list", who=TAMR).out


def test_each_order_names_a_tender_that_there_is(at):
    assert 2 == at("tender", "evaluate", UNKNOWN).code
    assert 2 == at("tender", "stand", UNKNOWN).code
    assert 2 == at("tender", "award", UNKNOWN).code
    assert 2 == at("tender", "sign", UNKNOWN).code


def test_what_is_no_offer_is_not_sealed(at, files, tmp_path):
    """And nothing is written."""
    terms, offers = files
    tender = at("tender", "draft", terms).fields["subject"]
    before = sorted(tmp_path.iterdir())
    for given in ({"offers": []}, {"offers": [{**OFFER, "price": "244.205"}]}, {"salt": "00"},
                  {"offers": [{**OFFER, "currency": "XXX"}]}, {"offers": [{**OFFER, "more": 1}]}):  # fmt: skip
        offers.write_text(json.dumps(given))
        assert 2 == at("tender", "bid", tender, offers).code, given
    kept = tmp_path / "kept.json"
    kept.write_text("{}")
    assert 2 == at("tender", "reveal", kept).code

    assert before == sorted(one for one in tmp_path.iterdir() if one != kept)


def test_a_bid_that_is_not_taken_leaves_no_file_in_the_way_of_the_next(at, files, tmp_path):
    """One that a rule refuses, for its bond, and one that is no bid: the buyer's own."""
    terms, offers = files
    terms.write_text(json.dumps({**TERMS, "bond": "90000000000000.00"}))
    tender = at("tender", "draft", terms).fields["subject"]
    assert 0 == at("tender", "publish", tender).code

    refused = at("tender", "bid", tender, offers, who=SIDR)
    own = at("tender", "bid", tender, offers)

    assert (1, True) == (refused.code, "BOND_IS_NOT_THERE" in refused.err)
    assert 2 == own.code, own.err
    assert [] == sorted(tmp_path.glob("tender-*"))
