"""What every access store must do. A subclass gives `store`: it opens one and the same store, as processes do."""

import threading

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steelyard.storage.access import ApiKey, Enrolment, Login, Session
from steelyard.storage.database import DatabaseFault
from steelyard.storage.deliveries import PARKED, Attempt, Delivery, Endpoint
from steelyard.storage.requests import Answered

KEY = ApiKey("k1", bytes(32), "GHAFAEA0", "person-7", ("payments", "read"), ("10.0.0.0/8",), "erp", 5, 100)
LOGIN = Login("person-7", "operator", "$argon2id$x", b"sealed", 0, 0, 0, 5)
SESSION = Session(b"s" * 32, "person-7", "operator", "token", "127.0.0.1", 10, 10, 0, 1000)
CODE = Enrolment(b"c" * 32, "person-8", "operator", 10, 100)


def at_once(*calls):
    """Run calls on threads of their own and give their answers."""
    answers = [None] * len(calls)

    def run(place, call):
        answers[place] = call()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


class AccessContract:
    """Inherited by one class per database."""

    def test_a_key_is_found_by_its_id_until_revoked(self, store):
        access = store()
        access.add_key(KEY)

        assert KEY == store().key("k1")
        assert access.key("k2") is None
        assert [KEY] == access.keys("GHAFAEA0")
        assert access.revoke_key("k1", 50)
        assert not access.revoke_key("k1", 60)
        assert 50 == access.key("k1").revoked_at
        assert not access.key("k1").holds(51)

    def test_a_key_holds_until_it_expires(self):
        assert KEY.holds(99)
        assert not KEY.holds(100)

    def test_a_key_of_the_same_id_is_a_fault_and_changes_nothing(self, store):
        access = store()
        access.add_key(KEY)
        with pytest.raises(DatabaseFault):
            access.add_key(msgspec.structs.replace(KEY, owner="other"))

        assert KEY == access.key("k1")
        assert access.revoke_key("k1", 1)

    def test_a_login_is_replaced_and_counts_failures(self, store):
        access = store()
        access.put_login(LOGIN)
        access.put_login(msgspec.structs.replace(LOGIN, password_hash="$argon2id$y"))

        assert "$argon2id$y" == access.login("person-7").password_hash
        counts = [access.note_failure("person-7", pause_after=5, pause_until=900) for _ in range(5)]
        assert [1, 2, 3, 4, 5] == counts
        assert 900 == access.login("person-7").paused_until
        access.note_success("person-7")
        assert (0, 0) == (access.login("person-7").failures, access.login("person-7").paused_until)
        assert 0 == access.note_failure("nobody", pause_after=5, pause_until=900)
        assert access.login("nobody") is None

    def test_a_totp_step_is_used_once_and_never_an_earlier_one(self, store):
        access = store()
        access.put_login(LOGIN)

        assert access.use_totp_step("person-7", 100)
        assert [False, False, True] == [access.use_totp_step("person-7", step) for step in (100, 99, 101)]
        others = [store(), store(), store()]
        assert [False, False, True] == sorted(
            at_once(*[lambda each=each: each.use_totp_step("person-7", 200) for each in others])
        )

    def test_a_recovery_code_is_used_once(self, store):
        access = store()
        access.put_recovery_codes("person-7", [b"old" * 8])
        access.put_recovery_codes("person-7", [b"a" * 32, b"b" * 32])

        assert access.use_recovery_code("person-7", b"a" * 32, 5)
        assert not access.use_recovery_code("person-7", b"a" * 32, 6)
        assert not access.use_recovery_code("person-7", b"old" * 8, 6)
        assert not access.use_recovery_code("person-8", b"b" * 32, 6)

    def test_a_session_ends_by_time_idleness_and_hand(self, store):
        access = store()
        access.start_session(SESSION)

        assert SESSION == store().session(SESSION.id_hash, at=20, idle_ns=15)
        assert access.session(SESSION.id_hash, at=25, idle_ns=15) is None
        access.touch_session(SESSION.id_hash, 24)
        access.touch_session(SESSION.id_hash, 15)
        assert 24 == access.session(SESSION.id_hash, at=25, idle_ns=15).seen_at
        assert access.session(SESSION.id_hash, at=1000, idle_ns=10_000) is None
        access.end_session(SESSION.id_hash)
        assert access.session(SESSION.id_hash, at=25, idle_ns=15) is None

    def test_a_step_up_replaces_the_session(self, store):
        access = store()
        access.start_session(SESSION)
        access.start_session(msgspec.structs.replace(SESSION, id_hash=b"t" * 32), instead_of=SESSION.id_hash)

        assert access.session(SESSION.id_hash, at=11, idle_ns=100) is None
        assert access.session(b"t" * 32, at=11, idle_ns=100) is not None
        assert 1 == access.end_sessions("person-7")
        assert 0 == access.end_sessions("person-7")

    def test_an_enrolment_code_is_used_once_and_in_time(self, store):
        access = store()
        access.add_enrolment(CODE)
        access.add_enrolment(msgspec.structs.replace(CODE, code_hash=b"d" * 32))

        assert CODE == access.enrolment(CODE.code_hash, at=99)
        assert access.enrolment(CODE.code_hash, at=100) is None
        assert access.use_enrolment(CODE.code_hash, at=100) is None
        others = [store(), store(), store()]
        used = at_once(*[lambda each=each: each.use_enrolment(CODE.code_hash, at=50) for each in others])
        assert [msgspec.structs.replace(CODE, used_at=50)] == [found for found in used if found]
        assert access.enrolment(CODE.code_hash, at=51) is None
        assert 2 == access.drop_expired(100)
        assert 0 == access.drop_expired(100)

    def test_of_gateways_that_claim_one_key_at_once_one_wins(self, store):
        gateways = [store().requests for _ in range(4)]

        def claim(place):
            return gateways[place].claim(
                "GHAFAEA0", b"k" * 32, command_id=bytes([place]) * 16, request_digest=b"r", at=1, expires_at=9
            )

        found = at_once(*[lambda place=place: claim(place) for place in range(4)])
        winner = found.index(None)
        assert 3 == sum(each is not None for each in found)
        assert {bytes([winner]) * 16} == {each.command_id for each in found if each}
        assert {0} == {each.status for each in found if each}

    def test_an_answer_is_given_again_byte_for_byte(self, store):
        requests = store().requests
        claimed = {"command_id": b"c" * 16, "request_digest": b"r" * 32, "at": 1, "expires_at": 100}
        assert requests.claim("a", b"k" * 32, **claimed) is None
        assert requests.claim("b", b"k" * 32, **claimed) is None
        body = b'{"outcome":"done"}' * 40
        requests.answer([Answered("a", b"k" * 32, 200, "application/json", body)])
        requests.answer([Answered("a", b"k" * 32, 500, "text/plain", b"later")])

        found = store().requests.claim("a", b"k" * 32, **claimed)
        assert (200, "application/json", body) == (found.status, found.content_type, found.body)
        assert (b"c" * 16, b"r" * 32) == (found.command_id, found.request_digest)
        assert 0 == requests.look("b", b"k" * 32).status
        assert requests.look("c", b"k" * 32) is None

    def test_a_key_past_its_time_is_free_again(self, store):
        requests = store().requests
        old = {"request_digest": b"r", "at": 1, "expires_at": 100}
        assert requests.claim("a", b"k", command_id=b"1", **old) is None
        assert (
            requests.claim("a", b"k", command_id=b"2", request_digest=b"s", at=99, expires_at=200) is not None
        )
        assert requests.claim("a", b"k", command_id=b"3", request_digest=b"s", at=100, expires_at=200) is None
        assert b"3" == requests.look("a", b"k").command_id
        assert requests.claim("a", b"other", command_id=b"4", **old) is None
        assert 1 == requests.drop_expired(150)
        assert 1 == requests.drop_expired(200)
        assert requests.look("a", b"k") is None

    def test_a_key_given_back_is_free_unless_answered(self, store):
        requests = store().requests
        claimed = {"command_id": b"1", "request_digest": b"r", "at": 1, "expires_at": 100}
        requests.claim("a", b"k", **claimed)
        requests.release("a", b"k")
        assert requests.claim("a", b"k", **claimed) is None
        requests.answer([Answered("a", b"k", 200, "", b"x")])
        requests.release("a", b"k")
        assert 200 == requests.look("a", b"k").status

    def test_a_key_nobody_works_on_stays_claimed_as_one_of_long_ago(self, store):
        requests = store().requests
        claimed = {"command_id": b"1", "request_digest": b"r", "at": 50, "expires_at": 100}
        for key in (b"k", b"done"):
            requests.claim("a", key, **claimed)
        requests.answer([Answered("a", b"done", 200, "", b"x")])
        for key in (b"k", b"done", b"never"):
            requests.rest("a", key)
        found, done = requests.claim("a", b"k", **claimed), requests.look("a", b"done")

        assert (b"1", 0, 0, 100) == (found.command_id, found.status, found.created_at, found.expires_at)
        assert (200, 50) == (done.status, done.created_at)

    def test_endpoints_are_kept_per_owner(self, store):
        webhooks = store().webhooks
        first = Endpoint(
            "w1", "a", "https://a.example/x", ("payment.settled", "case.*"), "erp", secret=b"s", thin=True
        )
        webhooks.put(first)
        webhooks.put(msgspec.structs.replace(first, id="w2", owner="b"))
        webhooks.put(msgspec.structs.replace(first, state="disabled"))

        assert "disabled" == webhooks.get("w1").state
        assert [msgspec.structs.replace(first, state="disabled")] == webhooks.of("a")
        assert webhooks.remove("w1")
        assert not webhooks.remove("w1")
        assert webhooks.get("w1") is None

    def test_a_line_of_deliveries_waits_for_its_first(self, store):
        deliveries = store().deliveries
        items = [
            Delivery(1, n, 0, "http", "bank", subject, "k") for n, subject in enumerate([b"x", b"x", b"y"])
        ]
        deliveries.take("http", items, (1, 2, 0))
        deliveries.take("http", items, (1, 2, 0))

        assert [items[0], items[2]] == deliveries.due(0)
        deliveries.again(items[0], next_at=50, body_hash=b"h1")
        deliveries.again(deliveries.open_items()[0], next_at=60, body_hash=b"h2")
        assert [items[2]] == deliveries.due(10)
        (_, first) = deliveries.due(60)
        assert (2, b"h1") == (first.attempts, first.body_hash)
        deliveries.done([first, items[2]])
        assert [items[1]] == deliveries.due(60)
        assert (1, 2, 0) == store().deliveries.cursor("http")
        assert (0, 0, 0) == deliveries.cursor("sse")

    def test_a_parked_item_lets_the_next_go_and_can_be_resumed(self, store):
        deliveries = store().deliveries
        items = [Delivery(1, n, 0, "http", "bank", b"x", "k", next_at=7) for n in range(2)]
        deliveries.take("http", items, (1, 1, 0))
        assert 7 == deliveries.next_due()
        deliveries.park(items[0])

        assert [items[1]] == deliveries.due(7)
        assert [items[0].id] == [each.id for each in deliveries.open_items(state=PARKED)]
        deliveries.resume(items[0], next_at=9)
        assert [] == deliveries.due(7)
        deliveries.done(items)
        assert deliveries.next_due() is None

    def test_attempts_are_kept_and_let_go(self, store):
        deliveries = store().deliveries
        tries = [Attempt(1, 0, 0, "w1", number, number, 500, 3, "no") for number in range(3)]
        for each in [*tries, tries[0]]:
            deliveries.note(each)

        assert tries[::-1] == deliveries.attempts("w1")
        deliveries.drop_attempts(2)
        assert tries[2:] == deliveries.attempts("w1")

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        lines=st.lists(
            st.tuples(st.sampled_from("ab"), st.sampled_from([b"x", b"y"])), min_size=1, max_size=8
        ),
        ends=st.lists(st.sampled_from(["done", "again", "park"]), max_size=30),
    )
    def test_every_item_is_delivered_or_parked_in_the_order_of_its_line(self, store, lines, ends):
        deliveries = store().deliveries
        deliveries.done(deliveries.open_items())
        deliveries.done(deliveries.open_items(state=PARKED))
        items = [Delivery(9, n, 0, "c", who, what, "k") for n, (who, what) in enumerate(lines)]
        deliveries.take("c", items, (9, len(items), 0))
        over, verdicts, now = [], iter([*ends, *["done"] * 99]), 0
        while due := deliveries.due(now):
            for each in due:
                how = next(verdicts)
                if how == "again":
                    deliveries.again(each, next_at=now + 1)
                    continue
                deliveries.done([each]) if how == "done" else deliveries.park(each)
                over.append(each.id)
            now += 1

        assert sorted(over) == [item.id for item in items]
        for line in set(lines):
            mine = [item.id for item, of in zip(items, lines, strict=True) if of == line]
            assert mine == [each for each in over if each in mine]
