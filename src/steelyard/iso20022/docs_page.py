"""The reference pages of the messages, written from their tables.

`pages()` gives file name -> text; what lies in `docs/reference/iso20022/` is exactly that, and a test says so.
"""

from typing import Final

from steelyard.iso20022 import tables
from steelyard.iso20022.components import Cells, Step, Version

_HEAD: Final = (
    "| element | our name | type | occurs | use | meaning |",
    "| --- | --- | --- | --- | --- | --- |",
)
_OCCURS: Final = {"1": "1", "?": "0..1", "*": "0..n"}
_OPAQUE: Final = {
    "opaque:target": "opaque: elements of the message's namespace",
    "opaque:any": "opaque: one element of any namespace",
    "opaque:signature": "opaque: one element of XML Signature",
}


def pages() -> dict[str, str]:
    """Give all pages: an index, one of the components, one per message."""
    made = {"index.md": _index(), "components.md": _components()}
    for file in tables.FILES:
        made[f"{file.NAME.replace('.', '_')}.md"] = _message(
            file.NAME, file.__doc__ or "", file.ROOT, file.MEANING, file.ROWS, file.VERSIONS
        )
    return made


def _message(
    name: str, doc: str, root: str, meaning: str, rows: tuple[Cells, ...], versions: dict[str, Version]
) -> str:
    """Give the page of one message."""
    title = doc.partition("\n")[0].partition(", ")[2].rstrip(".").partition(":")[0]
    lines = [
        f"# {name}: {title}",
        "",
        meaning,
        "",
        f"Versions: {', '.join(f'`{name}.001.{version}`' for version in versions)}.",
        f"Root element: `{root}`."
        if name.startswith("head")
        else f"Root element below `Document`: `{root}`.",
        "",
        f"The table is that of version {next(iter(_base(versions)))}.",
        "A type with a link is a [component](components.md); its rows stand there.",
        "`read` elements reach the books under our name, an element without one counts as its parent's;",
        "`carried` ones are kept as they came and travel on unchanged.",
        "",
        *_HEAD,
        *(_row(row) for row in rows),
        "",
    ]
    for version, change in versions.items():
        if change.steps or change.generation != "2019":
            lines += _changes(f"{name}.001.{version}", change)
    return "\n".join(lines)


def _base(versions: dict[str, Version]) -> list[str]:
    """Give the version that needs no steps, the one the rows are written for."""
    return [
        version for version, change in versions.items() if not change.steps and change.generation == "2019"
    ]


def _changes(title: str, change: Version) -> list[str]:
    """Give what one version changes against the table."""
    lines = [f"## {title}", ""]
    if change.generation != "2019":
        lines += [f"Components of the generation of {change.generation}.", ""]
    return lines + _steps(change.steps)


def _steps(steps: tuple[Step, ...]) -> list[str]:
    lines = []
    for verb, path, *rest in steps:
        change = rest[0] if rest else None
        if isinstance(change, tuple):
            form = ", ".join(filter(None, (_type(change[2]), _occurs(change[3]))))
            lines.append(f"- adds `{change[0]}` ({form}): {change[5]}")
        elif verb == "drop":
            lines.append(f"- has no `{path}`")
        elif verb == "retype":
            lines.append(f"- `{path}` is {_type(str(change))}")
        else:
            lines.append(f"- `{path}` occurs {_occurs(str(change))}")
    return [*lines, ""] if lines else []


def _components() -> str:
    """Give the page of everything that messages share."""
    lines = [
        "# Components of messages",
        "",
        "What messages share: party, agent, account, address and more, each written once.",
        "The tables are of the generation of 2019, which the .08 messages use; differences follow each table.",
        "",
        "`code: X` is the pair found everywhere: `Cd`, a code of type X, or `Prtry`, an own word of at most 35",
        "characters; our names for the two are `code` and `proprietary`.",
        "",
    ]
    for name, rows in sorted(tables.COMPONENT_ROWS.items()):
        lines += [f"## {name}", "", *_HEAD, *(_row(row) for row in rows), ""]
        for generation, steps in tables.COMPONENT_STEPS.items():
            if name in steps:
                lines += [f"In the generation of {generation}:", "", *_steps(steps[name])]
    return "\n".join(lines)


def _index() -> str:
    """Give the page that lists messages and what is opaque."""
    lines = [
        "# ISO 20022 messages",
        "",
        "Every message below has a table; from it come the schema, the reader, the writer and its page.",
        "",
        "| message | what it is | versions |",
        "| --- | --- | --- |",
    ]
    for file in tables.FILES:
        page = f"{file.NAME.replace('.', '_')}.md"
        lines.append(
            f"| [{file.NAME}]({page}) | {file.MEANING} | {', '.join(f'.{v}' for v in file.VERSIONS)} |"
        )
    lines += [
        "",
        "## Opaque parts",
        "",
        "Of these the place, the number and the namespace are checked; the content is carried unread, at most",
        "64 KiB each.",
        "",
    ]
    found: dict[str, list[str]] = {}
    for message_id in tables.MESSAGES:
        table = tables.message(message_id)
        for row in table.rows if table is not None else ():
            if row.type.startswith("opaque:"):
                found.setdefault("/".join(row.path.split("/")[-2:]), []).append(message_id[:8])
    for path, names in sorted(found.items()):
        lines.append(f"- `{path}`: {', '.join(dict.fromkeys(names))}")
    return "\n".join([*lines, ""])


def _row(row: Cells) -> str:
    path, ours, kind, occurs, use, meaning = row
    name = f"`{ours}`" if ours else ""
    return f"| `{path}` | {name} | {_type(kind)} | {_occurs(occurs)} | {use} | {meaning} |"


def _type(kind: str) -> str:
    """Give a type for a reader: a component as a link, an opaque form in words."""
    if kind in tables.COMPONENT_ROWS:
        return f"[{kind}](components.md#{kind.lower()})"
    if kind.startswith("code:"):
        return f"code: `{kind[5:]}`"
    return _OPAQUE.get(kind, "" if kind == "group" else f"`{kind}`")


def _occurs(occurs: str) -> str:
    """Give an occurrence for a reader; members of a choice exclude each other."""
    if occurs.startswith("choice:"):
        _, _, inner = occurs.partition(" ")
        return f"choice, {_occurs(inner)}" if inner else "choice"
    return _OCCURS.get(occurs, occurs.replace("*", "n"))
