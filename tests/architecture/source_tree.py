"""The package as its files and the imports between them, read without running anything."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ddm_studio"


def every_module() -> list[str]:
    return sorted(name_of(path) for path in PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def path_of(module: str) -> Path:
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(path_of(module).read_text(encoding="utf-8"))


def imports(module: str) -> set[str]:
    """Everything a module imports anywhere in it, inside functions and for type checking too."""
    return _names(ast.walk(tree_of(module)))


def imports_at_start(module: str) -> set[str]:
    """What loading a module loads: imports outside functions and outside `if TYPE_CHECKING`."""
    return _names(_run_at_start(tree_of(module).body))


def loaded_by(module: str) -> dict[str, str]:
    """Everything that loading a module loads, through modules of ours too, each with who asks for it."""
    seen: dict[str, str] = {}
    waiting = [(module, "")]
    while waiting:
        name, asked_by = waiting.pop()
        if name in seen:
            continue
        seen[name] = asked_by
        if name.split(".")[0] == "ddm_studio" and path_of(name).exists():
            # Loading a.b.c loads a and a.b as well.
            parents = [name.rsplit(".", count)[0] for count in range(1, name.count(".") + 1)]
            waiting += [(found, name) for found in [*parents, *imports_at_start(name)]]
    return seen


def _run_at_start(body):
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from _run_at_start(node.orelse)
            continue
        yield node
        for part in ("body", "orelse", "finalbody"):
            yield from _run_at_start(getattr(node, part, []))
        for handler in getattr(node, "handlers", []):
            yield from _run_at_start(handler.body)


def _names(nodes) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            # `from ddm_studio.photos import jpeg_file` imports a module, not a name of the package.
            submodules = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name for name in submodules if name.startswith("ddm_studio") and path_of(name).exists()}
    return found
