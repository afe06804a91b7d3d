"""Imports run one way, only the window knows Qt, and neither the window nor the shared words wait for torch."""

import pytest
from source_tree import every_module, imports, loaded_by

# Lowest first. The first entry of a module's name that is listed says its layer.
LAYERS = [
    {"ddm_studio", "errors", "events", "control", "stage", "snapshot", "settings", "bundled", "host_memory", "ordered_work", "workers"},
    {"project"},
    {"preferences"},
    {"optics"},
    {"photos"},
    {"spectra"},
    {"flow"},
    {"matching"},
    {"deblur"},
    {"profiles"},
    {"engine"},
    {"stopped_words"},
    {"cli", "command_jobs", "console", "option_values", "command_options", "profile_commands", "upscale_command", "gui", "__main__"},
]
QT = {"PySide6", "shiboken6", "pyqtgraph"}
SLOW = {"torch", "torchvision", "torchmetrics", "deepinv"}
# They import torch themselves.
SLOW_MODULES = {"safetensors.torch"}
TORCH_FREE = [
    "ddm_studio.errors",
    "ddm_studio.events",
    "ddm_studio.control",
    "ddm_studio.stage",
    "ddm_studio.snapshot",
    "ddm_studio.settings",
    "ddm_studio.bundled",
    "ddm_studio.host_memory",
    "ddm_studio.ordered_work",
    "ddm_studio.project",
    "ddm_studio.preferences",
    "ddm_studio.cli",
    "ddm_studio.command_jobs",
    "ddm_studio.console",
    "ddm_studio.stopped_words",
    "ddm_studio.__main__",
    "ddm_studio.optics.display_curve",
    "ddm_studio.optics.psf_metrics",
    "ddm_studio.engine.cores",
    "ddm_studio.engine.kept_run",
    "ddm_studio.engine.mailbox",
    "ddm_studio.engine.requests",
    "ddm_studio.engine.snapshot_reading",
    "ddm_studio.engine.standing_words",
]
TORCH_FREE_PACKAGES = ("ddm_studio.photos", "ddm_studio.profiles", "ddm_studio.gui")
MODULES = every_module()


def layer_of(module):
    name = module.removeprefix("ddm_studio.").split(".")[0]
    for height, names in enumerate(LAYERS):
        if name in names:
            return height
    raise AssertionError(f"{module} belongs to no layer: add it to LAYERS")


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_nothing_above_it(module):
    ours = {name for name in imports(module) if name.split(".")[0] == "ddm_studio"}
    assert not {name for name in ours if layer_of(name) > layer_of(module)}


@pytest.mark.parametrize("module", [module for module in MODULES if not module.startswith("ddm_studio.gui")])
def test_only_the_window_imports_qt(module):
    assert not {name for name in imports(module) if name.split(".")[0] in QT}
    assert not {name for name in loaded_by(module) if name.split(".")[0] in QT}


@pytest.mark.parametrize("module", [module for module in MODULES if module in TORCH_FREE or module.startswith(TORCH_FREE_PACKAGES)])
def test_the_window_and_the_shared_words_do_not_wait_for_torch(module):
    loaded = loaded_by(module)
    slow = {name: asked_by for name, asked_by in loaded.items() if name.split(".")[0] in SLOW or name in SLOW_MODULES}
    assert not slow


@pytest.mark.parametrize("module", TORCH_FREE)
def test_the_list_of_torch_free_modules_names_modules(module):
    assert module in MODULES


def test_there_are_no_drawers_for_odds_and_ends():
    assert not {module for module in MODULES if module.split(".")[-1] in {"utils", "helpers", "base", "common", "misc"}}


def test_the_reader_of_imports_sees_lazy_and_guarded_ones():
    assert "ddm_studio.engine.calibrate" in imports("ddm_studio.command_jobs")
    assert "ddm_studio.engine.calibrate" not in loaded_by("ddm_studio.command_jobs")
    assert "torch" in imports("ddm_studio.snapshot")
    assert "torch" not in loaded_by("ddm_studio.snapshot")
    assert loaded_by("ddm_studio.cli")["numpy"]
    assert "safetensors.torch" in loaded_by("ddm_studio.engine.checkpoints")
