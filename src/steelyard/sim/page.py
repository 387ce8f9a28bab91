"""The page of a simulation: a table, pictures, and what was simulated, readable without a script."""

from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby

import msgspec

from steelyard.sim.measures import Row
from steelyard.sim.mechanisms import TITLES
from steelyard.sim.simulate import Result
from steelyard.sim.stress import Stress

STYLE = """
body{font:15px/1.5 system-ui,sans-serif;color:#26323d;max-width:82rem;margin:2rem auto;padding:0 1rem}
p,dl{max-width:60rem}
h1,h2{line-height:1.2}table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
th,td{padding:.2rem .45rem;text-align:right;border-bottom:1px solid #d9dfe4;white-space:nowrap}
thead th{white-space:normal;vertical-align:bottom}
th:first-child,td:first-child{text-align:left}thead th{position:sticky;top:0;background:#fff}
.runs{border-top:1px solid #8a949d}.runs tbody{border-bottom:1px solid #8a949d}
.runs tbody th{font-weight:400;vertical-align:top;white-space:normal;min-width:9rem}.runs td{text-align:right}
.words{text-align:left!important;white-space:normal}
.wide{overflow-x:auto}img{max-width:100%;height:auto}code{background:#f2f5f7;padding:.1rem .3rem}
.no{color:#b3472f;font-weight:600}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dd{margin:0}
""".strip()

COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("value_settled_bp", "value settled %", 2), ("count_settled_bp", "count settled %", 2),
    ("liquidity_bp", "liquidity % of gross", 2), ("used_bp", "of it used %", 2), ("index_milli", "index", 3),
    ("delay_index_milli", "delay index", 3), ("least_delay_index_milli", "least possible", 3),
    ("delay_s", "delay s", 0), ("least_delay_s", "least possible s", 0), ("turnover_milli", "turnover", 2),
    ("distance_bp", "from bound %", 2), ("gridlocks", "gridlocks", 0), ("part_settlements", "in parts", 0),
    ("unsettled", "unsettled", 0), ("residue_bp", "country residue %", 2),
)  # fmt: skip
"""Columns of the table people read: field, heading, decimals shown."""
PICTURES = {
    "tradeoff": "Liquidity against delay: each line is one mechanism, from less money to more.",
    "mechanisms": "Value settled by mechanism and level of money.",
    "queue": "Value that waits, by time of day.",
    "balances": "How balances of banks spread during the day.",
    "members": "Settled value between members.",
}


def cell(row: Row, field: str, decimals: int) -> str:
    """Give a figure as people read it: basis points as per cent, thousandths as a decimal."""
    value = getattr(row, field)
    if value is None:
        return "–"
    if field.endswith("_bp"):
        return fixed(value, 2)
    if field.endswith("_milli"):
        return fixed(value if decimals == 3 else value // 10, decimals)
    return f"{value:,}"


def fixed(value: int, decimals: int) -> str:
    """Give a whole number of decimal fractions as text.

    >>> fixed(-1234, 2), fixed(5, 3)
    ('-12.34', '0.005')
    """
    whole, part = divmod(abs(value), 10**decimals)
    return f"{'-' if value < 0 else ''}{whole:,}.{part:0{decimals}d}"


def page(result: Result, pictures: Iterable[str]) -> str:
    """Give the page of a simulation."""
    return _document(result.scenario.name or "Simulated day", _body(result, list(pictures)))


def _body(result: Result, pictures: list[str]) -> Iterator[str]:
    yield from _day(result)
    yield '<h2>What settled</h2><div class="wide">'
    yield from _table((("", one.row) for one in result.outcomes), head="mechanism")
    yield "</div>"
    yield (
        "<p>alpha is the money at hand: 0 the lower bound (what all payments need at least), 1 the upper (with which "
        "nothing waits), below 0 less than enough. The index is the same scale. Liquidity is what participants hold, "
        "used is how far balances fell. Value waits until it settles, or until the close; 0 is no delay. "
        "Least possible is the delay that no rule undercuts with this money, in seconds where all that was sent has "
        "settled: at every instant what is settled is at most the largest flow of all that was sent by then.</p>"
    )
    for checked in result.expected:
        words = f"{checked.expect.key} {checked.expect.op} {checked.expect.value}"
        found = ", ".join(str(value) for value in checked.found) or "nothing"
        kind = "held" if checked.held else '<span class="no">failed</span>'
        where = escape(checked.expect.where)
        yield f"<p>Expected {escape(words)} of {where}: {kind}, found {found}.</p>"
    for name in pictures:
        words = escape(PICTURES[name])
        yield f"<h2>{words.split(':')[0].rstrip('.')}</h2>"
        yield f'<p><a href="plots/{name}.svg"><img src="plots/{name}.png" alt="{words}"></a></p>'
    scenario = escape(msgspec.json.format(msgspec.json.encode(result.scenario), indent=2).decode())
    yield f"<h2>Scenario</h2><details><summary>as it was run</summary><pre>{scenario}</pre></details>"


def _day(found: Result | Stress) -> Iterator[str]:
    day = found.day
    yield "<dl>"
    for name, value in (
        ("payments", f"{day.payments:,}"), ("banks", f"{day.banks:,} in {len(day.members)} members"),
        ("currencies", ", ".join(day.currencies)), ("gross value", f"{day.gross_minor:,} minor units of account"),
        ("source", origin(day.source)), ("day", day.digest), ("version", found.version),
    ):  # fmt: skip
        yield f"<dt>{name}</dt><dd>{escape(value)}</dd>"
    yield "</dl>"


def origin(source: str) -> str:
    """Say in words where a day's payments come from.

    >>> origin("invented/7/1000/20/300/double_hump/True")  # doctest: +NORMALIZE_WHITESPACE
    'drawn with seed 7 from the trade matrix invented: 1,000 payments of 20 banks, 30.0 % of them turned round at
    random, most sent in the morning and the afternoon, each member by its own clock'
    >>> origin("may.csv/" + "0f" * 32)
    'read from may.csv, whose content has the SHA-256 0f0f0f0f0f0f'
    """
    parts = source.rsplit("/", 6)
    if len(parts) < 7 or parts[6] not in ("True", "False"):
        name, _, digest = source.rpartition("/")
        return f"read from {name}, whose content has the SHA-256 {digest[:12]}"
    matrix, seed, payments, banks, turned, curve, zones = parts
    sent = "sent evenly over the day" if curve == "flat" else "most sent in the morning and the afternoon"
    return (
        f"drawn with seed {seed} from the trade matrix {matrix}: {int(payments):,} payments of {int(banks):,} banks, "
        f"{fixed(int(turned), 1)} % of them turned round at random, {sent}"
        f"{', each member by its own clock' if zones == 'True' else ''}"
    )


def _table(rows: Iterable[tuple[str, Row]], *, head: str) -> Iterator[str]:
    headings = "".join(f"<th>{escape(words)}</th>" for _, words, _ in COLUMNS)
    yield f'<table class="runs"><thead><tr><th>{head}</th><th>alpha</th>{headings}</tr></thead>'
    for name, runs in groupby(rows, key=lambda one: _called(*one)):
        group = [row for _, row in runs]
        first = f'<th scope="rowgroup" rowspan="{len(group)}">{escape(name)}</th>'
        yield "<tbody>"
        for row in group:
            cells = "".join(f"<td>{cell(row, field, decimals)}</td>" for field, _, decimals in COLUMNS)
            yield f"<tr>{first}<td>{row.alpha or 'paid in'}</td>{cells}</tr>"
            first = ""
        yield "</tbody>"
    yield "</table>"


def _called(case: str, row: Row) -> str:
    name = TITLES.get(row.mechanism, row.mechanism)
    return f"{case}: {name}" if case else name


def markdown(result: Result) -> str:
    """Give the table that people read as Markdown, for a page of documentation."""
    heads = ["mechanism", "alpha", *(words for _, words, _ in COLUMNS)]
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    for one in result.outcomes:
        row = one.row
        cells = [cell(row, field, decimals) for field, _, decimals in COLUMNS]
        lines.append(
            "| "
            + " | ".join([TITLES.get(row.mechanism, row.mechanism), row.alpha or "paid in", *cells])
            + " |"
        )
    return "\n".join(lines) + "\n"


def stress_page(found: Stress) -> str:
    """Give the page of a stress test."""
    return _document(found.scenario.name or "Stress test", _stressed(found))


def _stressed(found: Stress) -> Iterator[str]:
    yield from _day(found)
    yield '<h2>Cases</h2><div class="wide">'
    rows = [("base", row) for row in found.base]
    rows += [(case.case, change.row) for case in found.cases for change in case.changes]
    yield from _table(rows, head="case")
    yield "</div><h2>Against the base</h2>"
    yield (
        "<p>What each case changes: value in points of the day's value; the delay index, which counts what never "
        "settles to the close; delay in seconds, of what settled alone; unsettled in payments, those never sent not "
        "among them. Hit "
        "most are the banks that it leaves without the most money that the base brought them, in minor units of "
        "account.</p>"
    )
    for case in found.cases:
        yield f"<h3>{escape(case.case)}</h3>"
        yield "<table><thead><tr><th>mechanism</th><th>alpha</th><th>value</th><th>delay index</th>"
        yield "<th>delay s</th><th>unsettled</th><th>never sent</th>"
        yield '<th class="words">hit most</th></tr></thead><tbody>'
        for change in case.changes:
            hit = ", ".join(f"{escape(one.bank)} {one.more_unpaid_minor:,}" for one in change.hit) or "nobody"
            name = escape(TITLES.get(change.row.mechanism, change.row.mechanism))
            value, index = fixed(change.value_settled_bp, 2), fixed(change.delay_index_milli, 3)
            yield (
                f"<tr><td>{name}</td><td>{change.row.alpha or 'paid in'}</td>"
                f"<td>{'+' * (change.value_settled_bp > 0)}{value}</td>"
                f"<td>{'+' * (change.delay_index_milli > 0)}{index}</td><td>{change.delay_s:+,}</td>"
                f'<td>{change.unsettled:+,}</td><td>{change.row.not_sent:,}</td><td class="words">{hit}</td></tr>'
            )
        yield "</tbody></table>"


def _document(title: str, body: Iterable[str]) -> str:
    parts = "\n".join(body)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width">\n<style>{STYLE}</style></head>\n'
        f"<body><h1>{escape(title)}</h1>\n{parts}\n</body></html>\n"
    )
