"""Every word that the window shows goes through Qt's translation."""

import ast

import pytest
from source_tree import every_module, tree_of

TRANSLATED = {"tr", "_tr", "translate"}
# Which arguments of a call are shown to a person: places of positional ones, names of keywords.
SHOWN: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "label": ((0,), ("text",)),
    "button": ((0,), ("text", "name")),
    "Segments": ((0, 1), ("name",)),
    "Message": ((0, 1, 2), ("what", "why", "advice")),
    "InputError": ((0, 1, 2), ("why", "advice")),
    "Question": ((1, 2, 3, 4), ()),
    "TourStop": ((1, 2), ()),
    "StartDoor": ((1, 2), ()),
    "RecentList": ((0, 1), ()),
    "GridPanel": ((0,), ()),
    "DropArea": ((0, 1, 2), ()),
    "PhotoSetCard": ((0, 1, 2), ()),
    "PictureView": ((0,), ()),
    "CropView": ((0,), ()),
    "QLabel": ((0,), ()),
    "QPushButton": ((0,), ()),
    "QCheckBox": ((0,), ()),
    "QAction": ((0,), ()),
    "QMenu": ((0,), ()),
    "themed_plot": ((0, 1), ()),
    "wrapped_list": ((0,), ()),
    "setLabel": ((1,), ("text",)),
    "addRow": ((0,), ()),
    "addTab": ((1,), ()),
    "addItem": ((0,), ()),
    "addAction": ((0,), ()),
    "addMenu": ((0,), ()),
    "addButton": ((0,), ()),
    "drawText": ((0, 1, 2, 3, 4, 5), ()),
    "getOpenFileName": ((1, 3), ()),
    "getSaveFileName": ((1,), ()),
    "getExistingDirectory": ((1,), ()),
    **dict.fromkeys(("setText", "setToolTip", "setWindowTitle", "setTitle", "setAccessibleName", "setAccessibleDescription"), ((0,), ())),
    **dict.fromkeys(
        ("setPlaceholderText", "setInformativeText", "setSuffix", "setPrefix", "set_hint", "show_busy", "show_rest"), ((0,), ())
    ),
}
NAMES = {"DDM Studio", " px", "DDM Studio "}
MODULES = [module for module in every_module() if module.startswith("ddm_studio.gui")]


def called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""


def is_lookup(call: ast.Call) -> bool:
    """`segments.button("key")` finds a button and does not make one."""
    return isinstance(call.func, ast.Attribute) and call.func.attr in {"button", "label"}


def literals(node: ast.AST) -> list[str]:
    """String literals with letters in an expression, but for those that are translated, looked up, or compared with."""
    if isinstance(node, ast.Call):
        if called(node) in TRANSLATED:
            return []
        if isinstance(node.func, ast.Attribute):  # "…".format(), words.get(), form.findData("key")
            return literals(node.func.value)
        return []
    if isinstance(node, ast.Subscript | ast.Compare | ast.Lambda):
        return []
    if isinstance(node, ast.IfExp):
        return literals(node.body) + literals(node.orelse)
    if isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.elts[0], ast.Constant):
        return literals(node.elts[1])  # a pair of key and words
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        is_words = any(letter.isalpha() for letter in node.value) and not node.value.startswith("~/") and node.value not in NAMES
        return [node.value] if is_words else []
    if isinstance(node, ast.FormattedValue):
        return literals(node.value)
    return [found for child in ast.iter_child_nodes(node) for found in literals(child)]


def shown_untranslated(tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in SHOWN and not is_lookup(node):
            places, names = SHOWN[called(node)]
            parts = [argument for place, argument in enumerate(node.args) if place in places]
            parts += [keyword.value for keyword in node.keywords if keyword.arg in names]
            found += [f"line {node.lineno}: {words!r}" for part in parts for words in literals(part)]
    return found


@pytest.mark.parametrize("module", MODULES)
def test_no_word_is_shown_untranslated(module):
    assert shown_untranslated(tree_of(module)) == []


@pytest.mark.parametrize(
    "code",
    [
        "label('Hello')",
        "x.setText(f'{n} photos')",
        "button('', name='Close')",
        "Message(self.tr('A'), 'why')",
        "Segments([('a', 'Words')], n)",
    ],
)
def test_the_reader_sees_untranslated_words(code):
    assert shown_untranslated(ast.parse(code))


@pytest.mark.parametrize(
    "code",
    ["label(self.tr('Hello'), 'title')", "x.setText(self.tr('{n} photos').format(n=1))", "x.setText('–')", "x.setText(words['key'])"],
)
def test_the_reader_passes_translated_ones(code):
    assert shown_untranslated(ast.parse(code)) == []
