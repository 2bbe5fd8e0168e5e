"""Counts of the program's structure: python -m tests.structure [CHECKOUT]

Prints packages, modules, small modules, modules with one importer, the longest chain of imports and the folders that
import each other. Every import counts, also those inside functions and under `TYPE_CHECKING`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SMALL = 60  # lines
TOPS = ("engine", "gui")
Graph = dict[str, set[str]]


def modules(root: Path) -> dict[str, Path]:
    """Every module of the program by its dotted name; the `__init__` files hold no code and do not count."""
    paths = (path for top in TOPS for path in sorted((root / top).rglob("*.py")))
    return {
        ".".join(path.relative_to(root).with_suffix("").parts): path for path in paths if path.name != "__init__.py"
    }


def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file, which nobody may change: every rule reads every file."""
    return tree_of(path.read_text(encoding="utf-8"))


@cache
def tree_of(code: str) -> ast.Module:
    """The syntax tree of this code, which nobody may change."""
    return ast.parse(code)


def imported(path: Path, known: dict[str, Path] | set[str]) -> Iterator[str]:
    """The modules among `known` that this file imports."""
    return (name for name in _imports(path.read_text(encoding="utf-8")) if name in known)


@cache
def _imports(code: str) -> tuple[str, ...]:
    """What a file imports, and what may be a module among the names that it imports from one."""
    names: list[str] = []
    waiting: list[ast.AST] = [tree_of(code)]
    while waiting:  # statements only: an expression holds no import, and is most of the tree
        node = waiting.pop()
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [*(f"{node.module}.{alias.name}" for alias in node.names), node.module or ""]
        for block in ("body", "orelse", "finalbody", "handlers", "cases"):
            inside = getattr(node, block, ())
            waiting += inside if isinstance(inside, list) else ()
    return tuple(names)


def import_graph(root: Path) -> Graph:
    """Which module imports which."""
    known = modules(root)
    return {name: set(imported(path, known)) - {name} for name, path in known.items()}


def folder_graph(graph: Graph) -> Graph:
    """Which folder imports which; the modules at the top of `engine` and `gui` count as folders of their own."""
    folders: Graph = {}
    for name, targets in graph.items():
        folders.setdefault(room_of(name), set()).update(map(room_of, targets))
    return {folder: targets - {folder} for folder, targets in folders.items()}


def room_of(module: str) -> str:
    """The folder a module lies in. Modules at the top, and registries, are above the folders beside them.

    A registry lists the folders below it, which import what lies beside it: as a part of its folder it would make
    every such folder look as if it imported itself in a circle.
    """
    parts = module.split(".")
    if len(parts) == 2 or parts[-1] == "registry":
        return module
    return ".".join(parts[:-1])


def two_way(folders: Graph) -> list[tuple[str, str]]:
    """Pairs of folders that import each other."""
    return sorted((a, b) for a in folders for b in folders[a] if a < b and a in folders.get(b, set()))


def longest_chain(graph: Graph) -> int:
    """Modules on the longest path of imports; modules of one circle count once."""
    circles = strong_components(graph)
    of = {name: number for number, members in enumerate(circles) for name in members}

    @cache
    def depth(number: int) -> int:
        below = {of[target] for name in circles[number] for target in graph[name]} - {number}
        return 1 + max(map(depth, below), default=0)

    return max(depth(number) for number in range(len(circles)))


def strong_components(graph: Graph) -> list[set[str]]:
    """Sets of modules that reach each other (Tarjan 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for target in graph[name]:
            if target not in index:
                visit(target)
                low[name] = min(low[name], low[target])
            elif target in stack:
                low[name] = min(low[name], index[target])
        if low[name] == index[name]:
            members = set()
            while name not in members:
                members.add(stack.pop())
            found.append(members)

    for name in graph:
        if name not in index:
            visit(name)
    return found


def counts(root: Path) -> dict[str, int]:
    """The figures, by what they count."""
    known, graph = modules(root), import_graph(root)
    importers = {name: sum(name in targets for targets in graph.values()) for name in known}
    return {
        "packages": len({path.parent for path in known.values()}),
        "modules": len(known),
        "modules at the top of engine": sum(name.startswith("engine.") and name.count(".") == 1 for name in known),
        "modules at the top of gui": sum(name.startswith("gui.") and name.count(".") == 1 for name in known),
        f"modules under {SMALL} lines": sum(
            len(path.read_text("utf-8").splitlines()) < SMALL for path in known.values()
        ),
        "modules with one importer": sum(number == 1 for number in importers.values()),
        "longest chain of imports": longest_chain(graph),
        "folders that import each other": len(two_way(folder_graph(graph))),
        "modules in circles": sum(len(circle) for circle in strong_components(graph) if len(circle) > 1),
    }


def main() -> None:
    """Print the figures of a checkout, this one where none is named."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1]
    for what, number in counts(root).items():
        print(f"{what:35} {number:5}")
    for pair in two_way(folder_graph(import_graph(root))):
        print("  two ways:", " ↔ ".join(pair))


if __name__ == "__main__":
    main()
