"""What every evidence store must do. A subclass gives `store`: it opens one and the same store."""

from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steelyard.storage.evidence import Evidence, EvidenceItem, evidence, faults, get, not_submitted, walk

COMMAND = bytes(range(16))
kinds = st.sampled_from(["pacs.008", "pacs.002", "party", "verdict", "pack", "no such kind"])


class EvidenceContract:
    """Inherited by one class per store."""

    def test_it_has_the_shape_of_a_store(self, store):
        assert isinstance(store(), Evidence)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(kinds, st.binary(max_size=300)), max_size=8), st.integers(1, 3))
    def test_what_was_put_is_got_whole(self, store, contents, times):
        kept = store()
        made = [evidence(kind, raw, at_ns=7, command=COMMAND) for kind, raw in contents]
        for _ in range(times):
            kept.put(made)

        for item, (_, raw) in zip(made, contents, strict=True):
            assert raw == get(kept, item.digest)
        assert not kept.missing([item.digest for item in made])

    def test_items_keep_their_kind_time_and_command(self, store):
        kept = store()
        item = evidence("pacs.008", b"<a/>" * 90, at_ns=1_763_000_000_000_000_000, command=COMMAND)
        kept.put([item, evidence("verdict", b"refused", at_ns=3)])
        first, second = walk(kept, step=1)

        assert item == first.item
        assert (b"", "") == (second.item.command, second.forgotten)
        assert first == kept.look(item.digest)
        assert first.number < second.number

    def test_a_digest_is_kept_once(self, store):
        kept = store()
        first = evidence("party", b"same", at_ns=1)
        kept.put([first, evidence("verdict", b"same", at_ns=2)])
        kept.put([evidence("pack", b"same", at_ns=3)])

        assert [first] == [each.item for each in kept.items()]

    def test_whoever_sends_the_same_bytes_has_a_row_of_his_own(self, store):
        """The bytes lie here once; the first sender keeps neither the page nor the command to himself."""
        kept = store()
        first = evidence("unknown", b"same", at_ns=1, sender="FIRST")
        kept.put([first])
        for at, command in enumerate((b"", COMMAND, bytes(16)), 2):
            kept.put([evidence("payment", b"same", at_ns=at, command=command, sender="OWNER")])
        kept.put([evidence("payment", b"same", at_ns=9, sender=name) for name in ("Z", "A", "A")])
        kept.put([evidence("payment", b"same", at_ns=10)])
        found = kept.look(first.digest)

        assert [("FIRST", "unknown", 1, b""), ("A", "payment", 9, b""), ("OWNER", "payment", 2, COMMAND)] == [
            (one.sender, one.kind, one.at_ns, one.command) for one in found.brought()[:3]
        ]
        assert ["FIRST", "A", "OWNER", "Z"] == [one.sender for one in found.brought()]
        assert [found] == kept.items()

    def test_a_sender_whose_bytes_were_refused_first_has_his_command_later(self, store):
        kept = store()
        first = evidence("payment", b"same", at_ns=1, sender="OWNER")
        later = evidence("payment", b"same", at_ns=2, command=COMMAND, sender="OWNER")
        kept.put([first, later])
        kept.put([evidence("payment", b"same", at_ns=3, command=bytes(15) + b"x", sender="OWNER")])

        assert [("OWNER", 1, COMMAND)] == [
            (one.sender, one.at_ns, one.command) for one in kept.look(first.digest).brought()
        ]

    def test_a_second_senders_command_that_never_came_is_shown_too(self, store):
        kept = store()
        kept.put([evidence("payment", b"same", at_ns=1, command=COMMAND, sender="FIRST")])
        kept.put([evidence("payment", b"same", at_ns=2, command=bytes([7]) * 16, sender="OTHER")])

        assert 1 == len(list(not_submitted(kept, {COMMAND}.__contains__)))
        assert [] == list(not_submitted(kept, {COMMAND, bytes([7]) * 16}.__contains__))

    def test_who_sent_what_is_forgotten_stays(self, store):
        kept = store()
        items = [evidence("payment", b"same", at_ns=1, sender=name) for name in ("FIRST", "OTHER")]
        kept.put(items)
        kept.forget(items[0].digest, "retention")

        assert ["FIRST", "OTHER"] == [one.sender for one in kept.look(items[0].digest).brought()]

    def test_digests_that_begin_alike_are_told_apart(self, store):
        kept = store()
        alike = [EvidenceItem(bytes(8) + bytes([number]) * 24, "party", 0, b"x", 1) for number in range(3)]
        kept.put(alike[:2])

        assert alike[2:] == [item for item in alike if item.digest in kept.missing(i.digest for i in alike)]
        assert alike[1] == kept.look(alike[1].digest).item
        assert kept.look(alike[2].digest) is None

    def test_missing_names_what_never_came_in_the_order_asked(self, store):
        kept = store()
        digests = [sha256(b"%d" % number).digest() for number in range(1300)]
        kept.put([evidence("party", b"%d" % number, at_ns=0) for number in range(0, 1300, 2)])

        assert digests[1::2] == kept.missing(digests)

    def test_what_is_forgotten_is_gone_and_explained(self, store):
        kept = store()
        item = evidence("party", b"name and address " * 30, at_ns=1)
        kept.put([item])

        assert kept.forget(item.digest, "retention of 5 years ended")
        assert get(kept, item.digest) is None
        assert "retention of 5 years ended" == kept.look(item.digest).forgotten
        assert b"" == kept.look(item.digest).item.data
        assert [] == kept.missing([item.digest])
        assert kept.forget(item.digest, "again")
        assert "retention of 5 years ended" == kept.look(item.digest).forgotten
        assert not kept.forget(bytes(32), "never was")
        assert [] == list(faults(kept))

    def test_another_handle_sees_it_at_once(self, store):
        writer = store()
        item = evidence("verdict", b"held", at_ns=1)
        writer.put([item])

        assert b"held" == get(store(), item.digest)

    def test_evidence_whose_command_never_came_is_shown(self, store):
        kept = store()
        items = [evidence("payment", b"%d" % n, at_ns=n, command=bytes([n]) * 16) for n in range(4)]
        kept.put([*items, evidence("verdict", b"refused at the edge", at_ns=9)])
        known = {item.command for item in items[:3]}

        assert items[3:] == [each.item for each in not_submitted(kept, known.__contains__)]
        assert list(not_submitted(kept, lambda command: True)) == []

    def test_nothing_to_put_is_no_trouble(self, store):
        kept = store()
        kept.put([])

        assert [] == list(faults(kept))
        assert [] == list(not_submitted(kept, lambda command: False))

    @pytest.mark.parametrize(
        "other",
        [
            EvidenceItem(sha256(b"a").digest(), "party", 0, b"b", 1),
            EvidenceItem(sha256(b"a").digest(), "party", 1, b"no frame", 1),
            EvidenceItem(sha256(b"a").digest(), "party", 9, b"a", 1),
        ],
        ids=["other bytes", "no frame", "unknown codec"],
    )
    def test_what_does_not_fit_its_digest_is_named(self, store, other):
        kept = store()
        kept.put([evidence("party", b"good", at_ns=1), other])

        (fault,) = faults(kept)
        assert (2, other.digest) == (fault.number, fault.digest)
