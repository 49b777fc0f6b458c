"""What the architecture tests walk over: our files, their imports, their functions."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

# A room imports only rooms with a smaller number.
FLOORS = {
    "lib": 0,
    "accounts": 1,
    "ledger": 2,
    "mailroom": 2,
    "disputes": 3,
    "collections_app": 4,
    "chat": 4,
    "reporting": 5,
    "demo": 6,
}
PORCH = "config"
# What another room may import; everything else of a room (views, api, tasks, urls, commands...) is its own.
INNER = {"models", "choices", "services", "selectors", "events", "errors", "policy"}
# Tools without rows that rooms lend to those above them; `decisions` are the selectors of approvals.
LENT = {
    "accounts": {"palette", "reach", "requests", "written"},
    "mailroom": {
        "catalogue",
        "envelope",
        "inbound",
        "paper",
        "paybox",
        "providers",
        "qr",
        "rendering",
        "trying",
    },
    "disputes": {"decisions", "evidence", "labels", "standing", "typed"},
    "ledger": {"answer_words", "mentions", "references", "segments"},
    "collections_app": {"interest"},
}


@dataclass(frozen=True)
class Import:
    """One import statement's target, and where it stands."""

    file: str
    line: int
    target: str
    inside_function: bool

    @property
    def room(self) -> str:
        """The first part of the target."""
        return self.target.split(".")[0]

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.target}"


def sources(*rooms: str) -> list[Path]:
    """The Python files of the rooms (all of them by default), without migrations."""
    names = rooms or tuple(FLOORS)
    return sorted(p for name in names for p in (ROOT / name).rglob("*.py") if "migrations" not in p.parts)


@cache
def tree(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text(), filename=str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method, nested ones too."""
    yield from (n for n in ast.walk(tree(path)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How long a function is to read: without its signature and its docstring."""
    said = ast.get_docstring(function, clean=False) is not None
    body = function.body[1:] if said else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def imports_in(source: ast.Module, file: str, package: tuple[str, ...]) -> Iterator[Import]:
    """Every import, wherever it hides: in a function, behind TYPE_CHECKING, relative."""
    within = {
        id(node)
        for function in ast.walk(source)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(source):
        hidden = id(node) in within
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, node.lineno, alias.name, hidden)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            base = ".".join(part for part in (above, node.module or "") if part)
            for alias in node.names:
                yield Import(file, node.lineno, f"{base}.{alias.name}", hidden)


def imports(path: Path) -> list[Import]:
    """The imports of one file."""
    relative = path.relative_to(ROOT)
    return list(imports_in(tree(path), str(relative), relative.parts[:-1]))


def upward(found: Import) -> bool:
    """Whether the import goes up, sideways or to the porch."""
    room = Path(found.file).parts[0]
    if found.room == PORCH:
        return True
    return found.room in FLOORS and found.room != room and FLOORS[found.room] >= FLOORS[room]


def through_a_door(found: Import) -> bool:
    """Whether the import takes something of another room that is not for others. `lib` is for all."""
    parts = found.target.split(".")
    across = found.room in FLOORS and found.room not in {Path(found.file).parts[0], "lib"}
    return across and (len(parts) < 2 or parts[1] not in INNER | LENT.get(found.room, set()))
