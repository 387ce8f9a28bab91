"""Imports go down only: no arrow upward or sideways, no circle, nothing forbidden below the node."""

import ast
import doctest

import pytest

from tests.house import imports
from tests.house.imports import LAYERS, SOURCE, imports_of, is_allowed, modules

MODULES = dict(modules())
PURE = ("values", "engine", "flows", *(name for name, storey in LAYERS.items() if storey == 2))
BARRED_IN_PURE = {
    "asyncio", "datetime", "http", "io", "locale", "multiprocessing", "os", "pathlib", "random", "secrets",
    "select", "shutil", "socket", "sqlite3", "subprocess", "tempfile", "threading", "time", "unicodedata",
    "urllib", "uuid", "zoneinfo",
}  # fmt: skip

FLOATS = {
    # they steer the search for prices of an FX batch; what it finds is made exact, or checked exactly, elsewhere
    "liquidity.algorithms.price_book",
    "liquidity.algorithms.price_search",
    # a margin model; single IEEE operations in a fixed order, and what it finds is rounded up to a whole number
    "market.clearing.fhs",
}


def arrows(name):
    """Give (package it comes from, target module, line, at run time)."""
    path = MODULES[name]
    for target, line, running in imports_of(
        name, path.read_text("utf-8"), is_package=path.stem == "__init__"
    ):
        yield name.split(".")[0], target, line, running


def test_every_package_has_a_storey():
    """A new package is placed before it is built."""
    packages = {path.name for path in SOURCE.iterdir() if path.is_dir() and path.name != "__pycache__"}

    assert set() == packages - set(LAYERS)


@pytest.mark.parametrize("name", [name for name in MODULES if name])
def test_imports_go_down_only(name):
    """No module imports from a storey above or beside it, not even inside a function."""
    wrong = [
        f"{MODULES[name].name}:{line} imports {target}"
        for package, target, line, _ in arrows(name)
        if target.split(".")[0] in LAYERS and not is_allowed(package, target.split(".")[0])
    ]

    assert wrong == []


def test_modules_make_no_circle():
    """Following run-time imports never leads back."""
    graph = {
        name: sorted(
            {target for _, target, _, running in arrows(name) if running and target in MODULES} - {name}
        )
        for name in MODULES
    }
    done, path = set(), []

    def visit(name):
        if name in path:
            raise AssertionError(" -> ".join([*path[path.index(name) :], name]))
        if name in done:
            return
        path.append(name)
        for target in graph[name]:
            visit(target)
        path.pop()
        done.add(name)

    for name in graph:
        visit(name)


@pytest.mark.parametrize("name", [name for name in MODULES if name.split(".")[0] in PURE])
def test_below_the_node_nothing_reaches_outside(name):
    """No clock, file, socket, random number or time-zone table below the node."""
    tree = ast.parse(MODULES[name].read_text("utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").split(".")[0])

    assert set() == found & BARRED_IN_PURE


def test_what_may_float_is_there():
    """The list of exceptions names no module that is gone."""
    assert set() == FLOATS - set(MODULES)


@pytest.mark.parametrize(
    "name", [name for name in MODULES if name.split(".")[0] in PURE if name not in FLOATS]
)
def test_below_the_node_nothing_floats(name):
    """No float literal, no true division, no call of float(), hash() or repr-dependent ordering."""
    tree = ast.parse(MODULES[name].read_text("utf-8"))
    wrong = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            wrong.append(f"float at line {node.lineno}")
        if isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.Div):
            wrong.append(f"division at line {node.lineno}")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            wrong.append(f"float() at line {node.lineno}")

    assert wrong == []


def test_the_reader_of_imports_sees_what_it_should():
    """The examples in its docstrings hold, and imports inside functions count."""
    text = "def f():\n    from steelyard.node import sequencer\n    import steelyard.api.app\n"

    assert doctest.testmod(imports).failed == 0
    assert {"node", "node.sequencer", "api.app"} == {target for target, _, _ in imports_of("engine.x", text)}
