"""How things are printed: columns by one line of words, a thing with its lists, what a batch came to."""

import json
from types import SimpleNamespace

import pytest

from steelyard.cli.batch import said
from steelyard.cli.output import Output, columns


def test_columns_are_read_from_one_line():
    assert (
        ("kg", "kg"),
        ("valid until", "valid_until"),
        ("by whom", "next_by"),
        ("paid", "pays.value"),
    ) == columns("kg, valid_until, by whom=next_by, paid=pays.value")


def test_a_thing_is_printed_with_the_lists_that_have_lines(capsys):
    found = {"id": 7, "moves": [{"at": "noon"}], "costs": []}
    lists = ((found["moves"], columns("at")), (found["costs"], columns("cost")))
    Output().whole(found, columns("number=id"), *lists)
    assert "number\t7\nat\nnoon\n" == capsys.readouterr().out

    Output(json=True).whole(found, columns("number=id"), *lists)
    assert found == json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("state", "bound", "distance", "words"),
    [
        ("open", None, None, "is being worked out"),
        ("applied", "0", 0, "nothing could settle yet"),
        ("applied", "500", 0, "all that could settle did"),
        ("applied", "500", 10_000, "what waits could settle in parts only"),
        ("applied", "500", 125, "98.75 % of the bound"),
    ],
)
def test_a_batch_says_what_it_came_to(state, bound, distance, words):
    """One in which nobody had money did not fail."""
    assert words == said(SimpleNamespace(state=state, bound=bound, distance_bp=distance))


@pytest.fixture
def screen(monkeypatch, capsys):
    """Give a function that prints rows on a terminal so wide, and gives the lines of it."""

    def show(width, rows, of):
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        Output(colour=False).rows(rows, columns(of))
        return [line.rstrip() for line in capsys.readouterr().out.splitlines() if line.strip()]

    return show


ORDER = {
    "id": "01a20753-5e3e-dacc-b7d4-39a5942be8ee",
    "price": "840.00",
    "at": "2026-11-23T07:33:53.854526505Z",
}


def test_a_table_keeps_ids_whole_and_instants_to_the_second(screen):
    *_, line = screen(80, [ORDER], "id, price, at")

    assert f" {ORDER['id']}  840.00  2026-11-23 07:33:53Z" == line


def test_figures_of_a_table_end_below_each_other(screen):
    *_, first, second = screen(80, [{"price": "RUB 19899.20"}, {"price": "AED 840.00"}], "price")

    assert (" RUB 19899.20", "   AED 840.00") == (first, second)


def test_a_quotient_is_cut_on_a_terminal_and_says_so(screen):
    """A rate of ten decimals stands as it is, and in a pipe everything does."""
    *_, first, second = screen(80, [{"price": "889.891642676135678293"}, {"price": "26.1320734831"}], "price")
    assert ("   889.891642…", " 26.1320734831") == (first, second)


def test_what_is_too_wide_for_the_terminal_goes_a_field_a_line(screen):
    """No id is cut, no column left out."""
    first = [
        f"id                 {ORDER['id']}",
        "price              840.00",
        f"at                 {ORDER['at']}",
    ]

    assert [*first, *first] == screen(50, [ORDER, ORDER], "id, price, at")
