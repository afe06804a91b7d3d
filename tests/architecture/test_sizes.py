"""A file can be read in one sitting and a function on one screen; every module says what it is for."""

import ast

import pytest
from source_tree import PACKAGE, every_module, path_of, tree_of

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
MEDIAN_FILE = 160


@pytest.mark.parametrize("module", every_module())
def test_no_file_is_longer_than_a_sitting(module):
    assert len(path_of(module).read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("module", every_module())
def test_no_function_is_longer_than_a_screen(module):
    functions = [node for node in ast.walk(tree_of(module)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    assert not [node.name for node in functions if node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION]


@pytest.mark.parametrize("module", every_module())
def test_every_module_says_what_it_is_for(module):
    tree = tree_of(module)
    assert ast.get_docstring(tree) or not tree.body


def test_most_files_are_short():
    lengths = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
    assert lengths[len(lengths) // 2] <= MEDIAN_FILE
