"""`steelyard liquidity bound`: how much of a queue in a CSV file could settle at most, and what is wrong with one."""

import pytest

HEAD = "row,payer,payee,currency,amount_minor,id,priority,may_split\n"
RING = (
    "payment,A,B,AED,100,1,,\npayment,B,C,AED,80,2,,\npayment,C,A,AED,70,3,,\n"
    "payment,D,E,INR,90,4,high,no\nbalance,D,,INR,60,,,\n"
)


@pytest.fixture
def bound(alone, tmp_path):
    """Give a function that bounds a file with some rows."""

    def run(text, *words):
        file = tmp_path / "queue.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return alone("liquidity", "bound", str(file), *words)

    return run


def test_a_ring_without_money_settles_in_parts(bound):
    """The example of the certificate's page; and a whole payment that money does not reach."""
    aed, inr = bound(HEAD + RING).rows

    assert ("AED", "3", "250", "210", "210", "210", "0") == tuple(aed.values())
    assert ("INR", "1", "90", "60", "60", "0", "10000") == tuple(inr.values())


def test_a_limit_lowers_the_bound_and_not_the_one_without_limits(bound):
    (row,) = bound(
        HEAD + "payment,A,B,AED,100,,,\nbalance,A,,AED,100,,,\nlimit,A,*,AED,30,,,\n", "--json"
    ).json

    assert (30, 100, 30) == (row["bound_minor"], row["bound_free_minor"], row["settled_minor"])


def test_columns_stand_in_any_order_and_some_may_lack(bound):
    text = "\ufeffcurrency,row,amount_minor,payee,payer\r\nAED,payment,5,B,A\r\n\r\nAED,balance,-2,,B\r\n"
    text += "AED,balance,9,,A\r\n"
    (row,) = bound(text).rows

    assert ("5", "5", "0") == (row["value"], row["settled"], row["distance_bp"])


WRONG = [
    (HEAD, "row 2: there is no row"),
    (
        "",
        "row 1, row: there is no such column; commas part the columns; needed are row, payer, payee, currency",
    ),
    ("id,payer,payee\n", "row 1, row: there is no such column; needed are row, payer, payee, currency"),
    ("row,payer,payee,currency,amount_minor,colour\n", "row 1, colour: is not known"),
    (b"\xff\xfe", "row 1: the file is not UTF-8"),
    (HEAD + "payment,A,B,AED,100\n", "row 2: has 5 fields"),
    (HEAD + "order,A,B,AED,100,,,\n", "row 2, row: 'order' is none of balance, payment, limit"),
    (HEAD + "payment,,B,AED,100,,,\n", "row 2, payer: '' is empty"),
    (HEAD + "payment,A,B,,100,,,\n", "row 2, currency: '' is empty"),
    (HEAD + "payment,A,A,AED,100,,,\n", "row 2, payee: 'A' is the payer itself"),
    (HEAD + "payment,A,B,AED,1.5,,,\n", "row 2, amount_minor: '1.5' is no whole number"),
    (HEAD + "payment,A,B,AED,0,,,\n", "row 2, amount_minor: '0' is not above 0"),
    (HEAD + f"payment,A,B,AED,{2**62},,,\n", "row 2, amount_minor"),
    (HEAD + "payment,A,B,AED,٣,,,\n", "row 2, amount_minor"),
    (HEAD + "payment,A,B,AED,1,x,,\npayment,B,A,AED,1,x,,\n", "row 3, id: 'x' is there twice"),
    (HEAD + "payment,A,B,AED,1,,soon,\n", "row 2, priority: 'soon' is none of urgent, high, normal"),
    (HEAD + "payment,A,B,AED,1,,,maybe\n", "row 2, may_split: 'maybe' is neither yes nor no"),
    (HEAD + "balance,A,,AED,1,,,\nbalance,A,,AED,2,,,\n", "row 3, payer: 'A' has a balance already"),
    (HEAD + "balance,A,B,AED,1,,,\n", "row 2, payee: 'B' has no place in a balance"),
    (HEAD + "limit,A,B,AED,-1,,,\n", "row 2, amount_minor: '-1' is below 0"),
    (
        HEAD + "limit,A,B,AED,1,,,\nlimit,A,B,AED,2,,,\n",
        "row 3, payee: 'B' has a limit of this payer already",
    ),
    (HEAD + 'payment,"A,B,AED,1,,,\n', "row 2:"),
]


@pytest.mark.parametrize(("text", "words"), WRONG, ids=[str(words) for _, words in WRONG])
def test_what_is_wrong_is_named_by_row_field_and_rule(bound, text, words):
    """In one line that names the file too; exit 2."""
    shown = bound(text)

    assert (2, "", 1) == (shown.code, shown.out, len(shown.err.splitlines())), shown
    assert f"queue.csv: {words}" in shown.err


def test_sums_beyond_62_bits_are_bounded_by_their_sum(bound):
    """No solver is given such sums."""
    text = HEAD + "".join(f"payment,A,B,AED,{2**61},,,\n" for _ in range(3))
    (row,) = bound(text).rows

    assert (str(3 * 2**61), "0") == (row["bound"], row["settled"])
