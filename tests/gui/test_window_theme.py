"""Text can be read, in both themes, and the theme changes while the window lives."""

from dataclasses import fields

import pytest
from PIL import Image
from PySide6.QtGui import QColor

from ddm_studio.gui import theme
from ddm_studio.gui.colours import DARK, LIGHT, MARK_PAIRS, TEXT_PAIRS, contrast
from ddm_studio.gui.icons import icon
from ddm_studio.gui.theme import apply_theme
from ddm_studio.gui.views.picture_marks import mark_pens
from ddm_studio.preferences import Theme

BOTH = pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])


@BOTH
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_contrast_of_text_is_at_least_four_and_a_half(colours, text, ground):
    assert contrast(getattr(colours, text), getattr(colours, ground)) >= 4.5


@BOTH
@pytest.mark.parametrize(("mark", "ground"), MARK_PAIRS)
def test_contrast_of_a_focus_ring_is_at_least_three(colours, mark, ground):
    assert contrast(getattr(colours, mark), getattr(colours, ground)) >= 3


def test_contrast_of_black_and_white_is_twenty_one():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)


@pytest.fixture
def light(qapp):
    apply_theme(qapp, Theme.LIGHT)
    yield
    apply_theme(qapp, Theme.DARK)


def test_the_module_shows_every_colour_of_the_theme_in_use(light):
    assert all(getattr(theme, field.name.upper()) == getattr(LIGHT, field.name) for field in fields(LIGHT))
    assert (LIGHT.red, LIGHT.green, LIGHT.blue) == theme.CHANNELS


def brightness(widget) -> float:
    picture = widget.grab().toImage()
    return sum(QColor(picture.pixel(x, y)).lightnessF() for x in range(0, picture.width(), 40) for y in range(0, picture.height(), 40))


def test_the_whole_window_turns_light_and_dark_again(window, qapp):
    dark = brightness(window)
    apply_theme(qapp, Theme.LIGHT)
    light = brightness(window)
    apply_theme(qapp, Theme.DARK)
    assert light > 3 * dark
    assert brightness(window) == pytest.approx(dark)


def test_a_sign_made_before_follows_the_theme(qapp):
    sign = icon("close")
    colours = []
    for which in (Theme.LIGHT, Theme.DARK):
        apply_theme(qapp, which)
        picture = sign.pixmap(40, 40).toImage()
        colours.append(picture.pixelColor(20, 20).lightnessF())
    assert colours[0] < 0.3
    assert colours[1] > 0.7


def test_marks_on_pictures_are_seen_on_dark_and_on_bright_ones():
    rim, line = mark_pens()
    assert contrast(line.color().name(), "#000000") >= 3
    assert contrast(rim.color().name(), "#ffffff") >= 3
    assert rim.widthF() > line.widthF()


@pytest.mark.parametrize("chosen", list(Theme))
def test_the_crop_is_outlined_alike_in_both_themes(window, qtbot, tmp_path, chosen):
    window.memory.prefer(window.memory.preferences.model_copy(update={"theme": chosen}))
    Image.new("RGB", (96, 64)).save(tmp_path / "night.png")
    window.show_page("deblur")
    window.deblur.take_photos([tmp_path / "night.png"])
    qtbot.waitUntil(lambda: window.deblur.crop.isVisible() and window.deblur.crop.crop[2] > 0)
    crop = window.deblur.crop
    shown = crop.crop_on_screen()
    on_edge = crop.grab().toImage().pixelColor(round(shown.center().x()), round(shown.top()))
    assert contrast(on_edge.name(), "#000000") >= 3
