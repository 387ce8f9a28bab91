"""Compression: every byte comes back, known messages get small, and dictionaries stay what they are."""

import sys
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.storage import compression
from steelyard.storage.compression import DICTIONARIES, STORED, ZSTD, compress, decompress
from tests.shared import SHARED

sys.path.append(str(Path(__file__).parents[2] / "tools"))
import train_dictionaries

PINNED = {
    40201: "5b4e7e1fe2c320829263bc4ba8a7f2bb316efe0fa65fc240fee5014c9a7df708",
    40801: "f4f29405e892b3926476e12c8293450176ca4853540efa8300a13ef2b9310daf",
    40901: "c874d1e4736796bd7b0f9601d9cbf96cdc18ac523c448f75bebc3b6e9b222c0f",
    50101: "f7b214c17153eeee11a1039b5b275623849ff5c8b280da0b208b550548ed5d5d",
    50201: "3ee22b6e2d5cfcdc2c70430d285c8ca2afe11dc26d5c4ea4ca45e95be8d88260",
    50301: "4c67f84798614e1b8b859d8f24f35309834bb5562b3482777c7a4adcb4168e9e",
}


@given(st.sampled_from([*DICTIONARIES, "other"]), st.binary(max_size=3000))
def test_every_byte_comes_back(kind, raw):
    assert raw == decompress(*compress(kind, raw))


@pytest.mark.parametrize(
    ("kind", "share_max"),
    [("pacs.008", 6), ("pacs.009", 6), ("pacs.002", 6), ("payment", 3.5), ("party", 4), ("verdict", 5)],
)
def test_messages_it_has_not_seen_fall_to_a_share(kind, share_max):
    unseen = train_dictionaries.samples(kind, 200, seed=99)
    packed = [compress(kind, raw) for raw in unseen]

    assert sum(map(len, unseen)) >= share_max * sum(len(data) for _, data in packed)
    assert unseen == [decompress(codec, data) for codec, data in packed]


def test_a_message_by_other_hands_falls_below_a_quarter():
    if SHARED is None:
        pytest.skip("no shared reference data here")
    raw = (SHARED / "iso20022/rules/001_base_ok.xml").read_bytes()

    assert len(raw) > 4 * len(compress("pacs.008", raw)[1])


@pytest.mark.parametrize(("number", "digest"), sorted(PINNED.items()))
def test_a_dictionary_never_changes(number, digest):
    path = Path(compression.__file__).parent / "dictionaries" / f"{number}.zdict"

    assert digest == sha256(path.read_bytes()).hexdigest()


def test_every_dictionary_is_pinned():
    assert sorted(PINNED) == sorted(DICTIONARIES.values())


@pytest.mark.parametrize(
    ("codec", "data"),
    [(2, b"x"), (ZSTD, b""), (ZSTD, b"no frame"), (ZSTD, compress("party", b"a" * 99)[1][:-3])],
)
def test_what_it_did_not_make_is_refused(codec, data):
    with pytest.raises(ValueError):
        decompress(codec, data)


def test_a_frame_that_claims_to_be_huge_is_refused():
    bomb = b"\x28\xb5\x2f\xfd\xe0" + (1 << 40).to_bytes(8, "little") + b"\x01\x00\x00"

    with pytest.raises(ValueError, match="over"):
        decompress(ZSTD, bomb)


def test_what_does_not_shrink_is_stored_as_it_is():
    assert (STORED, b"\x00\x01") == compress("pacs.008", b"\x00\x01")
