"""What pyproject.toml promises: safe versions, both entry points, packed resources, no warning let through."""

import sys
import tomllib

import pytest
from source_tree import ROOT, every_module, imports

import ddm_studio

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
# Where the name to import is not the name to install.
DISTRIBUTIONS = {
    "PySide6": "PySide6-Essentials",
    "shiboken6": "PySide6-Essentials",
    "PIL": "pillow",
    "exifread": "ExifRead",
    "tomli_w": "tomli-w",
}


def requirements():
    return [line.split(";")[0].rstrip("0123456789.,<>=! ") for line in PROJECT["dependencies"]]


def test_pyside_that_loses_references_is_kept_out():
    pins = [line.replace(" ", "") for line in PROJECT["dependencies"] if line.startswith("PySide6")]
    assert pins == ["PySide6-Essentials>=6.8,<6.12;python_version<'3.12'", "PySide6-Essentials>=6.8;python_version>='3.12'"]


def test_python_and_torch_are_recent_enough():
    assert PROJECT["requires-python"] == ">=3.11"
    assert "torch>=2.6" in PROJECT["dependencies"]
    assert any(line.startswith("deepinv>=0.5") for line in PROJECT["dependencies"])


def test_nothing_names_a_place_to_download_from():
    assert not [line for line in PROJECT["dependencies"] if "@" in line or "://" in line]
    assert "index" not in PYPROJECT.get("tool", {}).get("uv", {})


def test_everything_imported_is_required():
    top = {name.split(".")[0] for module in every_module() for name in imports(module)} - {"ddm_studio"} - set(sys.stdlib_module_names)
    required = {name.lower() for name in requirements()}
    missing = {name for name in top if DISTRIBUTIONS.get(name, name).lower().replace("_", "-") not in required}
    assert not missing


def test_both_entry_points_and_the_resources_are_declared():
    assert PROJECT["scripts"] == {"ddm-studio": "ddm_studio.cli:main"}
    assert PROJECT["gui-scripts"] == {"ddm-studio-window": "ddm_studio.gui.app:main"}
    assert PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"] == {"resources": "ddm_studio/resources"}


def test_the_version_is_written_once_in_effect():
    assert PROJECT["version"] == ddm_studio.__version__


@pytest.mark.parametrize(("tool", "key", "value"), [("mypy", "strict", True), ("ruff", "line-length", 140)])
def test_the_checks_are_strict(tool, key, value):
    assert PYPROJECT["tool"][tool][key] == value


def test_warnings_are_errors():
    assert PYPROJECT["tool"]["pytest"]["ini_options"]["filterwarnings"][0] == "error"
