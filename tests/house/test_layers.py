"""Imports go down only: no arrow upward or sideways, no circle, nothing forbidden below the node."""

import ast
import doctest
from functools import cache

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


@cache
def arrows(name):
    """Give (package it comes from, target module, line, at run time)."""
    path = MODULES[name]
    found = imports_of(name, path.read_text("utf-8"), is_package=path.stem == "__init__")
    return [(name.split(".")[0], target, line, running) for target, line, running in found]


def test_every_package_has_a_storey():
    """A new package is placed before it is built."""
    packages = {path.name for path in SOURCE.iterdir() if path.is_dir() and path.name != "__pycache__"}

    assert set() == packages - set(LAYERS)


def test_imports_go_down_only():
    """No module imports from a storey above or beside it, not even inside a function."""
    wrong = [
        f"{name}:{line} imports {target}"
        for name in MODULES
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


@cache
def below_the_node():
    """Give (name, every node of its tree that a rule asks about) of each module below the node."""
    asked = (ast.Import, ast.ImportFrom, ast.Constant, ast.BinOp, ast.AugAssign, ast.Call)
    return [
        (name, [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, asked)])
        for name, path in MODULES.items()
        if name.split(".")[0] in PURE
    ]


def test_below_the_node_nothing_reaches_outside():
    """No clock, file, socket, random number or time-zone table below the node."""
    found = set()
    for name, nodes in below_the_node():
        for node in nodes:
            if isinstance(node, ast.Import):
                found |= {(name, alias.name.split(".")[0]) for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add((name, (node.module or "").split(".")[0]))

    assert len(found) > 100
    assert [] == sorted(one for one in found if one[1] in BARRED_IN_PURE)


def test_what_may_float_is_there():
    """The list of exceptions names no module that is gone."""
    assert set() == FLOATS - set(MODULES)


def test_below_the_node_nothing_floats():
    """No float literal, no true division, no call of float(), hash() or repr-dependent ordering."""
    wrong = []
    for name, nodes in below_the_node():
        for node in nodes if name not in FLOATS else ():
            if isinstance(node, ast.Constant) and isinstance(node.value, float):
                wrong.append(f"float at line {node.lineno} of {name}")
            if isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.Div):
                wrong.append(f"division at line {node.lineno} of {name}")
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
                wrong.append(f"float() at line {node.lineno} of {name}")

    assert wrong == []


def test_the_reader_of_imports_sees_what_it_should():
    """The examples in its docstrings hold, and imports inside functions count."""
    text = "def f():\n    from steelyard.node import sequencer\n    import steelyard.api.app\n"

    assert doctest.testmod(imports).failed == 0
    assert {"node", "node.sequencer", "api.app"} == {target for target, _, _ in imports_of("engine.x", text)}
