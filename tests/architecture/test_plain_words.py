"""What the window and its help say is a photographer's language; terms of statistics and of the code stay in the code."""

import ast
from pathlib import Path

import pytest

import ddm_studio
from ddm_studio.bundled import bundled_file
from ddm_studio.settings import CalibrationSettings, DeblurSettings

PACKAGE = Path(ddm_studio.__file__).parent
MODULES = sorted((PACKAGE / "gui").rglob("*.py"))
HELP = sorted(bundled_file("help/en").glob("*.md"))
NOT_SAID = (
    "whittle", "display-curves", "libraw-linear", "re-blur", "blurred again", "flow model", "taps", "centre tap", "held-out",
    "encoded units", "the engine", "gaussian matching", "distribution matching",
)  # fmt: skip


def said_in(path: Path) -> list[str]:
    """The literal words that a module hands to the translation."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    names = {"tr", "_tr"}
    told = [
        call.args[0] for call in calls if call.args and (getattr(call.func, "attr", "") in names or getattr(call.func, "id", "") in names)
    ]
    return [word.value for one in told for word in ast.walk(one) if isinstance(word, ast.Constant) and isinstance(word.value, str)]


def faults(words: str) -> list[str]:
    return [term for term in NOT_SAID if term in words.lower()]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_the_window_says_it_plainly(path):
    assert [(words, faults(words)) for words in said_in(path) if faults(words)] == []


@pytest.mark.parametrize("path", HELP, ids=lambda path: path.name)
def test_the_help_says_it_plainly(path):
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("settings", [CalibrationSettings, DeblurSettings])
def test_settings_are_described_plainly(settings):
    told = {name: faults(field.description or "") for name, field in settings.model_fields.items()}
    assert {name: found for name, found in told.items() if found} == {}
