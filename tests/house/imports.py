"""Reads the imports of the source, those inside functions too, and knows which arrows the house allows."""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "steelyard"

LAYERS = {
    "values": 0,
    "engine": 1,
    **dict.fromkeys(
        ("members", "payments", "fx", "liquidity", "compliance", "market", "invest", "corridor"), 2
    ),
    "flows": 3,
    **dict.fromkeys(("iso20022", "storage", "packs", "solve"), 4),
    "node": 5,
    **dict.fromkeys(("client", "sim", "api", "console", "cli"), 6),
}
"""The storeys of DESIGN.md, bottom up. An import goes down, or stays within its own package."""

FACES = ("cli", "console", "api", "sim", "client")
"""Among faces an import goes from left to right only."""


def modules() -> Iterator[tuple[str, Path]]:
    """Give every module of the source as (dotted name below steelyard, file)."""
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports_of(name: str, text: str, *, is_package: bool = False) -> Iterator[tuple[str, int, bool]]:
    """Give (dotted module below steelyard, line, at run time) for every import of the project in a text.

    The last part says whether it is more than a type annotation's import.
    """
    tree = ast.parse(text)
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        found: list[str] = []
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                here = name.split(".") if is_package else name.split(".")[:-1]
                here = here[: len(here) - (node.level - 1)]
                base = ".".join(["steelyard", *here, *([base] if base else [])])
            found = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        for target in found:
            if target.startswith("steelyard."):
                yield target.removeprefix("steelyard."), node.lineno, id(node) not in typing_only


def is_allowed(source: str, target: str) -> bool:
    """Tell whether package `source` may import package `target`.

    >>> is_allowed("flows", "engine"), is_allowed("engine", "flows"), is_allowed("fx", "members")
    (True, False, False)
    >>> is_allowed("cli", "api"), is_allowed("client", "sim"), is_allowed("node", "storage")
    (True, False, True)
    """
    if source == target:
        return True
    if source in FACES and target in FACES:
        return FACES.index(source) < FACES.index(target)
    return LAYERS[target] < LAYERS[source]
