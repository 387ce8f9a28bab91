"""What every journal must do, whatever keeps it. A subclass gives `store`: how to reach one storage.

`store()` gives a fresh, empty storage as a callable that makes journals on it, each as its own process
would have it.
"""

import threading
from contextlib import suppress

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steelyard.storage.journal import (
    BODY_BYTES_MAX,
    NO_HASH,
    CorruptJournal,
    Fenced,
    Head,
    Journal,
    JournalError,
    JournalIsHeld,
    Snapshot,
    head_after,
    next_row,
    sections_hash,
    verify_chain,
)


def row_after(head: Head, body: bytes = b"body", *, count: int = 1):
    return next_row(head, time_first=head.time_last + 1, time_last=head.time_last + 9, count=count, body=body)


def append(journal: Journal, head: Head, body: bytes = b"body") -> Head:
    """Append one row and give the head after it."""
    row = row_after(head, body)
    journal.append(row)
    return head_after(row)


def snapshot_at(seq: int, **sections: bytes) -> Snapshot:
    named = tuple(sections.items())
    return Snapshot(seq, sections_hash(named), named)


class JournalContract:
    """Inherited by one class per journal."""

    def test_an_empty_journal_begins_at_nothing(self, store):
        journal = store()()

        assert Head(0, NO_HASH, 1, 0) == journal.open("node-a")
        assert journal.read(0, limit=10) == []
        assert journal.latest_snapshot() is None
        assert journal.snapshot_seqs() == []
        journal.close()

    def test_it_has_the_shape_of_a_journal(self, store):
        assert isinstance(store()(), Journal)

    def test_rows_come_back_as_written_and_in_order(self, store):
        make = store()
        journal = make()
        head = journal.open("node-a")
        rows = []
        for number in range(1, 8):
            rows.append(row_after(head, bytes([number]) * number, count=number))
            journal.append(rows[-1])
            head = head_after(rows[-1])

        assert rows == journal.read(0, limit=100)
        assert rows[3:5] == journal.read(3, limit=2)
        assert journal.read(7, limit=2) == []
        assert head == verify_chain(journal.read(0, limit=100))
        journal.close()

    def test_another_start_finds_the_head_and_a_higher_epoch(self, store):
        make = store()
        first = make()
        head = append(first, first.open("node-a"))
        first.close()
        first.close()
        second = make()

        assert msgspec.structs.replace(head, epoch=2) == second.open("node-a")
        head = append(second, msgspec.structs.replace(head, epoch=2))
        assert [row.epoch for row in second.read(0, limit=9)] == [1, 2]
        second.close()

    def test_a_row_that_does_not_follow_is_not_written(self, store):
        journal = store()()
        head = append(journal, journal.open("node-a"))
        wrong = [
            msgspec.structs.replace(head, seq=head.seq + 1),
            msgspec.structs.replace(head, seq=head.seq - 1),
            msgspec.structs.replace(head, hash=bytes(32)),
            msgspec.structs.replace(head, epoch=head.epoch + 1),
            msgspec.structs.replace(head, time_last=head.time_last - 1),
        ]
        for other in wrong:
            with pytest.raises(ValueError, match="does not follow"):
                journal.append(row_after(other))

        assert len(journal.read(0, limit=9)) == 1
        append(journal, head)
        journal.close()

    def test_a_journal_that_is_not_open_takes_nothing(self, store):
        make = store()
        opened = make()
        head = opened.open("node-a")

        with pytest.raises(ValueError, match="not open"):
            make().append(row_after(head))
        opened.close()

    def test_a_second_start_is_refused_and_does_no_harm(self, store):
        make = store()
        healthy, mistaken = make(), make()
        head = append(healthy, healthy.open("node-a"))

        with pytest.raises(JournalIsHeld):
            mistaken.open("node-b")

        assert JournalIsHeld.exit_code == 73
        append(healthy, head)
        healthy.close()
        assert mistaken.open("node-b").seq == 2
        mistaken.close()

    def test_a_take_over_fences_the_old_holder(self, store):
        make = store()
        old, new = make(), make()
        old_head = append(old, old.open("node-a"))
        new_head = new.open("node-b", take_over=True)

        with pytest.raises(Fenced):
            old.append(row_after(old_head))
        with pytest.raises(JournalError):
            old.append(row_after(old_head))

        assert Fenced.exit_code == 72
        assert (new_head.seq, new_head.epoch) == (1, 2)
        new_head = append(new, new_head)
        old.close()
        append(new, new_head)
        verify_chain(new.read(0, limit=9))
        new.close()

    def test_after_a_take_over_a_third_start_is_still_refused(self, store):
        make = store()
        old, new, third = make(), make(), make()
        old.open("node-a")
        head = new.open("node-b", take_over=True)
        old.close()
        head = append(new, head)

        with pytest.raises(JournalIsHeld):
            third.open("node-c")
        append(new, head)
        new.close()

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps=st.lists(st.tuples(st.integers(0, 1), st.sampled_from("aaot")), max_size=14))
    def test_two_writers_in_any_interleaving_make_one_chain(self, store, steps):
        """a: append, o: start, t: start by take-over. Acknowledged rows all stand, in their order."""
        make = store()
        writers: list[tuple[Journal, Head] | None] = [None, None]
        acknowledged = []
        for who, what in steps:
            held = writers[who]
            if what == "a" and held is not None:
                row = row_after(held[1], bytes([who]))
                try:
                    held[0].append(row)
                except Fenced:
                    held[0].close()
                    writers[who] = None
                else:
                    acknowledged.append(row)
                    writers[who] = (held[0], head_after(row))
            elif what != "a":
                if held is not None:
                    held[0].close()
                journal = make()
                try:
                    writers[who] = (journal, journal.open(f"node-{who}", take_over=what == "t"))
                except JournalIsHeld:
                    writers[who] = None
        for held in filter(None, writers):
            held[0].close()
        final = make()
        final.open("node-c")

        assert acknowledged == final.read(0, limit=100)
        verify_chain(acknowledged)
        final.close()

    def test_racing_writers_never_both_commit(self, store):
        """Two threads, the second takes over while the first is writing."""
        make = store()
        journals, acknowledged, ends = [make(), make()], [[], []], [None, None]
        running = threading.Event()

        def write(who: int, rounds: int) -> None:
            journal = journals[who]
            try:
                head = journal.open(f"node-{who}", take_over=who == 1)
                for number in range(rounds):
                    row = row_after(head, bytes([who, number % 256]))
                    journal.append(row)
                    acknowledged[who].append(row)
                    head = head_after(row)
                    if number == 5:
                        running.set()
            except JournalError as error:
                ends[who] = error

        old = threading.Thread(target=write, args=(0, 100_000))
        old.start()
        running.wait(timeout=30)
        new = threading.Thread(target=write, args=(1, 25))
        new.start()
        new.join(timeout=60)
        old.join(timeout=60)
        for journal in journals:
            journal.close()

        assert isinstance(ends[0], Fenced)
        assert ends[1] is None
        reader = make()
        reader.open("node-c")
        rows = reader.read(0, limit=200_000)
        verify_chain(rows)
        assert acknowledged[0] + acknowledged[1] == rows
        reader.close()

    def test_another_handle_reads_while_one_writes(self, store):
        make = store()
        writer, reader = make(), make()
        head = append(writer, writer.open("node-a"))

        assert [row.seq for row in reader.read(0, limit=9)] == [1]
        append(writer, head)
        assert [row.seq for row in reader.read(1, limit=9)] == [2]
        reader.close()
        writer.close()

    def test_a_body_may_weigh_64_mb_and_not_a_byte_more(self, store):
        journal = store()()
        head = journal.open("node-a")
        body = bytes(range(256)) * (BODY_BYTES_MAX // 256)
        with pytest.raises(ValueError, match="over"):
            journal.append(row_after(head, body + b"x"))
        head = append(journal, head, body)
        append(journal, head)

        (found,) = journal.read(0, limit=10)
        assert body == found.body
        assert head == verify_chain([found])
        assert [row.seq for row in journal.read(1, limit=10)] == [2]
        journal.close()

    def test_snapshots_come_back_whole(self, store):
        make = store()
        journal = make()
        journal.open("node-a")
        big = bytes(range(256)) * 9000
        kept = snapshot_at(7, engine=big, ids=b"", payments=b"p")
        journal.save_snapshot(snapshot_at(4, engine=b"old"))
        journal.save_snapshot(kept)

        other = make()
        assert kept == other.latest_snapshot()
        assert kept == other.latest_snapshot(at_most_seq=7)
        assert snapshot_at(4, engine=b"old") == other.latest_snapshot(at_most_seq=6)
        assert other.latest_snapshot(at_most_seq=3) is None
        other.close()
        journal.close()

    def test_two_snapshots_stay_and_older_ones_go(self, store):
        journal = store()()
        journal.open("node-a")
        for seq in (2, 5, 9, 9):
            journal.save_snapshot(snapshot_at(seq, engine=b"%d" % seq))

        assert journal.snapshot_seqs() == [5, 9]
        assert snapshot_at(9, engine=b"9") == journal.latest_snapshot()
        journal.close()

    def test_a_snapshot_with_a_wrong_hash_is_not_kept(self, store):
        journal = store()()
        journal.open("node-a")
        with pytest.raises(CorruptJournal):
            journal.save_snapshot(Snapshot(3, bytes(32), (("engine", b"x"),)))

        assert journal.snapshot_seqs() == []
        journal.close()


class StoredJournalContract(JournalContract):
    """Further for journals with SQL below: what somebody with the right to write there can do is found.

    A subclass gives `tamper(statement)` beside `store`, on the storage that was made last.
    """

    @pytest.fixture(params=[1, 90], autouse=True, ids=["plain", "packed"])
    def _sizes(self, request):
        """Small bodies are stored as they are, larger ones packed."""
        self.times = request.param

    def _written(self, store, count: int = 4):
        make = store()
        journal = make()
        head = journal.open("node-a")
        for number in range(count):
            head = append(journal, head, b"body %d " % number * self.times)
        journal.save_snapshot(snapshot_at(2, engine=b"e" * 10, ids=b"i"))
        journal.close()
        return make()

    @pytest.mark.parametrize(
        ("statements", "seq"),
        [
            (["UPDATE journal SET body = prev_hash WHERE seq = 3"], 3),
            (["UPDATE journal SET time_last = time_last + 1 WHERE seq = 2"], 2),
            (["UPDATE journal SET count = 2 WHERE seq = 1"], 1),
            (["UPDATE journal SET hash = prev_hash WHERE seq = 2"], 2),
            (["DELETE FROM journal WHERE seq = 1"], 1),
            (["DELETE FROM journal WHERE seq = 3"], 3),
            (["UPDATE journal SET body = substr(body, 1, 3) WHERE seq = 4"], 4),
            (["UPDATE journal SET packing = 1 - packing WHERE seq = 2"], 2),
            (["UPDATE journal SET packing = 7 WHERE seq = 3"], 3),
            (
                [
                    "UPDATE journal SET seq = 99 WHERE seq = 2",
                    "UPDATE journal SET seq = 2 WHERE seq = 3",
                    "UPDATE journal SET seq = 3 WHERE seq = 99",
                ],
                2,
            ),
        ],
        ids=[
            "edited",
            "time",
            "count",
            "hash",
            "first missing",
            "missing",
            "truncated",
            "other packing",
            "no packing",
            "swapped",
        ],
    )
    def test_a_row_changed_by_hand_is_named(self, store, tamper, statements, seq):
        journal = self._written(store)
        for statement in statements:
            tamper(statement)

        with pytest.raises(CorruptJournal) as caught:
            verify_chain(journal.read(0, limit=10))
        assert caught.value.seq == seq
        journal.close()

    def test_a_last_row_changed_by_hand_stops_the_start(self, store, tamper):
        journal = self._written(store)
        tamper("UPDATE journal SET body = prev_hash WHERE seq = 4")

        with pytest.raises(CorruptJournal) as caught:
            journal.open("node-a")
        assert caught.value.seq == 4
        with suppress(JournalError):
            journal.close()

    def test_an_epoch_set_back_by_hand_stops_the_start(self, store, tamper):
        journal = self._written(store)
        tamper("UPDATE journal_epoch SET epoch = 0")

        with pytest.raises(CorruptJournal, match="epoch"):
            journal.open("node-a")

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE snapshot SET bytes = (SELECT bytes FROM snapshot WHERE place = 1) WHERE place = 0",
            "UPDATE snapshot SET bytes = substr(bytes, 1, 5) WHERE place = 0",
            "UPDATE snapshot SET section = 'other' WHERE place = 0",
            "DELETE FROM snapshot WHERE place = 0",
            "DELETE FROM snapshot WHERE place = 1",
            "UPDATE snapshot_head SET state_hash = (SELECT hash FROM journal WHERE seq = 1)",
        ],
    )
    def test_a_snapshot_changed_by_hand_is_named(self, store, tamper, statement):
        journal = self._written(store)
        tamper(statement)

        with pytest.raises(CorruptJournal) as caught:
            journal.latest_snapshot()
        assert caught.value.seq == 2
        journal.close()

    def test_a_snapshot_half_written_does_not_exist(self, store, tamper):
        journal = self._written(store)
        tamper("INSERT INTO snapshot SELECT 3, place, section, part, bytes FROM snapshot WHERE place = 0")

        assert journal.snapshot_seqs() == [2]
        assert journal.latest_snapshot().seq == 2
        journal.save_snapshot(snapshot_at(3, engine=b"whole"))
        assert snapshot_at(3, engine=b"whole") == journal.latest_snapshot()
        journal.close()
