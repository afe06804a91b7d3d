"""Settings are declared once, bounded, explained, frozen, and survive being written down."""

import pytest
from pydantic import ValidationError

from ddm_studio.settings import (
    CalibrationSettings,
    DeblurSettings,
    FlowSettings,
    GaussianMatchingSettings,
    MatchingSettings,
    Preset,
    TileSettings,
    preset_settings,
)

ALL = [TileSettings, GaussianMatchingSettings, FlowSettings, MatchingSettings, CalibrationSettings, DeblurSettings]


@pytest.mark.parametrize("settings", ALL)
def test_every_setting_has_a_sentence_for_a_person(settings):
    for name, field in settings.model_fields.items():
        if not isinstance(field.default, (TileSettings, GaussianMatchingSettings, FlowSettings, MatchingSettings)):
            assert field.description, name
            assert field.description.endswith("."), name


@pytest.mark.parametrize("settings", ALL)
def test_settings_are_frozen_and_know_their_names(settings):
    with pytest.raises(ValidationError):
        settings(warp_factor=9)
    made = settings()
    with pytest.raises(ValidationError):
        setattr(made, next(iter(settings.model_fields)), 1)


@pytest.mark.parametrize("preset", list(Preset))
def test_presets_survive_being_written_down(preset):
    settings = preset_settings(preset, seed=5, noise=0.02, sharp_crop=(768, 512))
    assert CalibrationSettings.model_validate(settings.model_dump(mode="json", exclude_none=True)) == settings
    assert settings.preset is preset


def test_the_defaults_are_those_of_the_command_line():
    settings = CalibrationSettings()
    assert (settings.preset, settings.grid_rows, settings.grid_columns, settings.kernel_size) == (Preset.INSTANT, 8, 8, 13)
    assert (settings.colour, settings.noise, settings.sharp_crop, settings.device, settings.seed) == ("rgb", None, None, "auto", 0)
    assert settings == preset_settings(Preset.INSTANT)


def test_only_instant_has_no_diffusion():
    assert [preset for preset in Preset if not preset_settings(preset).has_diffusion] == [Preset.INSTANT]


@pytest.mark.parametrize(
    "wrong",
    [{"kernel_size": 12}, {"kernel_size": 1}, {"grid_rows": 0}, {"noise": -0.1}, {"seed": -1}, {"colour": "cmyk"}, {"noise": float("nan")}],
)
def test_values_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError):
        CalibrationSettings(**wrong)
