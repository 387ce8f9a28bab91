"""Lists: pages by key that stay gap-free while rows arrive, filters, cursors, CSV of the same rows."""

import csv
import io
from hashlib import sha256

import pytest

from steelyard.api.app import exists
from steelyard.api.route import CSV
from steelyard.api.routes import accounts
from steelyard.api.table import ROUTES
from tests.api.test_payments import BODY
from tests.api.test_rights import address
from tests.api.world import GHAF, SIDR

WHOLE = 500
LISTS = [
    line
    for line in ROUTES
    if line.method == "GET"
    and CSV in line.tells
    and exists(line, "test")
    and any(param.name == "limit" for param in line.query)
    and not {"{id}", "{series}"} & set(line.path.split("/"))  # of a thing that may not be there
]


def pay(live, count, amount="1.00"):
    """Send some small payments and give their UETRs."""
    body = [{**BODY, "settlement": {"asset": "AED", "value": amount}}] * count
    return [one["uetr"] for one in live.post("/v1/payments", body).json]


def walk(live, path, between=lambda: None, word="next", field="after"):
    """Follow a list to its end; `between` runs after each page."""
    items, cursor = [], ""
    while True:
        joint = "&" if "?" in path else "?"
        page = live.get(path + (f"{joint}{field}={cursor}" if cursor else "")).json
        items += page["items"]
        between()
        if page[word] is None:
            return items
        cursor = page[word]


def test_pages_have_no_gap_and_no_double_while_rows_arrive(live):
    """Newest first: what arrives during the walk is not in it; all that was there is, once."""
    there = set(pay(live, 23))

    found = [item["uetr"] for item in walk(live, "/v1/payments?limit=5", lambda: pay(live, 3))]

    assert there <= set(found)
    assert len(found) == len(set(found))


def test_oldest_first_sees_what_arrives(live):
    pay(live, 4)
    late = []

    def between():
        if len(late) < 6:
            late.extend(pay(live, 2))

    found = [item["uetr"] for item in walk(live, "/v1/payments?limit=50&order=oldest", between)]

    assert len(found) == len(set(found))
    assert set(late[:-2]) <= set(found)


def test_pages_can_be_walked_back(live):
    pay(live, 12)
    first = live.get("/v1/payments?limit=4").json
    second = live.get(f"/v1/payments?limit=4&after={first['next']}").json

    back = live.get(f"/v1/payments?limit=4&before={second['prev']}").json

    assert first["items"] == back["items"]
    assert first["prev"] is None
    assert back["prev"] is None


@pytest.mark.parametrize("line", LISTS, ids=lambda line: line.path)
def test_every_list_is_paged_and_has_the_same_rows_as_csv(live, line):
    """Brute force: pages of many, pages of few, and the CSV hold the same rows."""
    path = address(line)
    items = walk(live, f"{path}?limit=1000")
    if len(items) < WHOLE:
        assert items == walk(live, f"{path}?limit=2"), path

    file = live.get(f"{path}.csv")

    rows = list(csv.reader(io.StringIO(file.body.decode())))
    assert file.headers["content-type"].startswith("text/csv")
    assert len(items) == len(rows) - 2
    digest = sha256(file.body[: file.body.rindex(b"# rows=")]).hexdigest()
    seq = live.get(f"{path}?limit=1").json["applied_seq"]
    assert f"# rows={len(items)} applied_seq={seq} sha256={digest}" == rows[-1][0]
    names = rows[0]
    for row, item in zip(rows[1:-1], items, strict=True):
        flat = dict(zip(names, row, strict=True))
        for name, value in item.items():
            if isinstance(value, dict) and "amount_minor" in value:
                assert value["value"] == flat[f"{name}.value"].removeprefix("'")
            elif isinstance(value, str):
                assert value == flat[name].removeprefix("'")


def test_csv_by_accept_with_filter_and_mark(live):
    pay(live, 2)

    answer = live.get("/v1/payments?state=settled&bom=true", headers={"accept": "text/csv"})

    assert answer.body.startswith(b"\xef\xbb\xbfuetr,")


def test_formula_cells_are_neutralised(live):
    live.post("/v1/api-keys", {"label": "=cmd|' /C calc'!A0"})

    cells = live.get("/v1/api-keys.csv").body.decode()

    assert "'=cmd" in cells
    assert ",=cmd" not in cells


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "limit"), ("limit=1001", "limit"), ("limit=-1", "limit"), ("limit=x", "limit"),
        ("limit=1e2", "limit"), ("colour=red", "colour"), ("state=sunny", "state"), ("currency=usd", "currency"),
        ("from_at=yesterday", "from_at"), ("settlement_on=2026-13-01", "settlement_on"),
        ("debtor_agent=x", "debtor_agent"), ("order=sideways", "order"), ("amount_min=-5", "amount_min"),
        ("wait_seq=x", "wait_seq"), ("bom=1", "bom"),
        ("state=", "state"),
    ],
)  # fmt: skip
def test_a_wrong_query_is_told_with_its_field(live, query, pointer):
    answer = live.get(f"/v1/payments?{query}")

    assert (422, pointer) == (answer.status, answer.json["errors"][0]["pointer"])


def test_several_wrong_fields_are_all_told(live):
    answer = live.get("/v1/payments?state=sunny&colour=red&order=up")

    assert {"state", "colour", "order"} == {fault["pointer"] for fault in answer.json["errors"]}


@pytest.mark.parametrize("query", ["limit=1&limit=2", "a", "%ff=1", "a=%zz&b"])
def test_a_query_that_is_no_list_of_fields_is_refused(live, query):
    assert 422 == live.get(f"/v1/payments?{query}").status


def test_filters_filter(live):
    mine = pay(live, 2, amount="3.33")

    found = live.get(
        "/v1/payments?amount_min=333&amount_max=333&state=settled,queued&currency=AED,INR&limit=1000"
    ).json

    assert set(mine) <= {item["uetr"] for item in found["items"]}
    assert {"3.33"} == {item["settlement"]["value"] for item in found["items"]}
    none = live.get(f"/v1/payments?debtor_agent={SIDR}&creditor_agent={SIDR}").json
    assert [] == none["items"]


def test_a_cursor_goes_with_its_list_filter_and_caller(live):
    pay(live, 3)
    cursor = live.get("/v1/payments?limit=1").json["next"]

    for how in (
        {"path": f"/v1/payments?limit=1&state=settled&after={cursor}"},
        {"path": f"/v1/quotes?after={cursor}"},
        {"path": f"/v1/payments?limit=1&after={cursor}", "key": SIDR},
        {"path": f"/v1/payments?after={cursor[:-2]}AA"},
        {"path": "/v1/payments?after=x"},
        {"path": "/v1/payments?after=" + "A" * 500},
    ):
        answer = live.get(**how)

        assert (422, "cursor-does-not-fit") == (answer.status, answer.json["code"]), how
    assert 200 == live.get(f"/v1/payments?limit=7&after={cursor}").status
    both = live.get(f"/v1/payments?after={cursor}&before={cursor}")
    assert 422 == both.status


def test_what_moved_on_an_account_is_paged_both_ways(live):
    pay(live, 7)
    path = "/v1/accounts/GHAFAEA0%2FAED/legs"
    whole = walk(live, f"{path}?limit=1000")

    assert whole == walk(live, f"{path}?limit={len(whole) // 3 + 1}")
    assert whole[::-1] == walk(live, f"{path}?limit={len(whole) // 4 + 1}&order=oldest")
    second = live.get(f"{path}?limit=2&after={live.get(f'{path}?limit=2').json['next']}").json
    assert whole[:2] == live.get(f"{path}?limit=2&before={second['prev']}").json["items"]


def test_an_unchanged_read_is_not_sent_again(live):
    first = live.get(f"/v1/participants/{GHAF}")

    again = live.get(f"/v1/participants/{GHAF}", headers={"if-none-match": first.headers["etag"]})

    assert (304, b"") == (again.status, again.body)


def test_head_gives_the_headers_alone(live):
    answer = live.ask("HEAD", "/v1/payments", idem=False)

    assert (200, b"") == (answer.status, answer.body)
    assert int(answer.headers["content-length"]) > 0


def test_statements_say_the_same_in_three_forms(own):
    """Opening + entries = closing, in JSON, CSV and camt.053; a day that has not ended has none."""
    pay(own, 3, amount="2.50")
    path = "/v1/statements/GHAFAEA0%2FAED/2026-11-23"
    assert 404 == own.get(path).status
    own.post("/v1/sandbox/advance", {"to": "next_business_day"}, key="operator")
    held = own.balance(GHAF, "AED")

    made = own.get(path).json

    total = sum(
        int(one["amount"]["amount_minor"]) * (1 if one["is_credit"] else -1) for one in made["entries"]
    )
    assert int(made["opening"]["amount_minor"]) + total == int(made["closing"]["amount_minor"]) == held
    rows = list(csv.DictReader(io.StringIO(own.get(path, headers={"accept": "text/csv"}).body.decode())))
    assert [one["amount"]["value"] for one in made["entries"]] == [row["amount.value"] for row in rows[:-1]]
    message = own.get(path, headers={"accept": "application/xml"})
    assert message.body.count(b"<Ntry>") == len(made["entries"])
    assert f'<Amt Ccy="AED">{made["closing"]["value"]}</Amt>'.encode() in message.body
    assert message.body == own.get(path, headers={"accept": "application/xml"}).body
    assert 404 == own.get(path, key=SIDR).status


def test_what_is_set_aside_is_found_behind_whatever_moved_since(own, monkeypatch):
    body = {"source": f"{GHAF}/AED", "target": f"{SIDR}/AED", "amount": {"asset": "AED", "value": "5.00"},
            "deadline_at": "2026-11-23T12:00:00Z"}  # fmt: skip
    first = own.post("/v1/reservations", body).json["subject"]
    pay(own, 20)
    second = own.post("/v1/reservations", body).json["subject"]
    pay(own, 5)
    for step in (1, 3, 5_000):
        monkeypatch.setattr(accounts, "STEP", step)
        monkeypatch.setattr(accounts, "LOOKS", 100)

        found = own.get("/v1/accounts/GHAFAEA0%2FAED/reservations").json

        assert [second, first] == [one["bundle_id"] for one in found], step
        assert {"out"} == {one["direction"] for one in found}
