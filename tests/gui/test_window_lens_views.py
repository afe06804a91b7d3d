"""The views of a lens are turned to, read, saved, and compared; its facts are given by hand."""

import csv
import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest
from fake_jobs import made_up_profile
from gestures import LEFT, drop
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QLabel

from ddm_studio.gui.colours import DARK, LIGHT, PAPER
from ddm_studio.gui.mtf_curves import KEYS
from ddm_studio.gui.theme import apply_theme
from ddm_studio.optics.synthetic_lens import psf_grid, random_lens
from ddm_studio.preferences import Theme
from ddm_studio.profiles.lens_names import title_of
from ddm_studio.profiles.lens_profile import load_profile, save_profile


def with_pitch(pitch: float | None):
    profile = made_up_profile()
    sure = np.full((4, 4, 3), 0.97, np.float32)
    facts = profile.facts.model_copy(update={"pixel_pitch": pitch})
    return dataclasses.replace(profile, facts=facts, confidence=sure, confidence_low=sure - 0.1, confidence_high=sure + 0.02)


@pytest.fixture
def lens(window, qtbot, tmp_path):
    path = tmp_path / "a.lens"
    save_profile(with_pitch(5.0), path)
    window.show_page("lens")
    drop(window.lens, [path])
    qtbot.waitUntil(lambda: window.lens.place.text() == str(path))
    return window.lens


def turn_to(lens, qtbot, name):
    qtbot.mouseClick(lens.view.button(name), LEFT)
    view = getattr(lens, name)
    assert view.isVisible()
    return view


def test_the_map_tells_the_value_of_the_cell_under_the_mouse(lens, qtbot):
    maps = turn_to(lens, qtbot, "maps")
    qtbot.mouseClick(maps.map, LEFT, pos=maps.map.cell_rect(1, 3).center().toPoint())
    green = maps.map.shown.values[1, 3]
    assert maps.reading.text() == f"Row 2, column 4: {green:.2f} px"
    qtbot.keyClick(maps.map, Qt.Key.Key_Down)
    assert maps.reading.text().startswith("Row 3, column 4")
    assert lens.numbers.node_heading.text() == "Node: row 3, column 4"


def test_a_pitch_from_exif_is_shown_with_its_origin_and_how_far_it_can_be_trusted(window, qtbot, tmp_path):
    profile = with_pitch(5.0)
    facts = profile.facts.model_copy(update={"pixel_pitch_source": "35 mm equivalent"})
    save_profile(dataclasses.replace(profile, facts=facts), tmp_path / "rough.lens")
    window.show_page("lens")
    drop(window.lens, [tmp_path / "rough.lens"])
    qtbot.waitUntil(lambda: window.lens.place.text().endswith("rough.lens"))
    numbers = window.lens.numbers
    assert numbers.pitch_words.text().startswith("Pixel pitch: about 5 µm, by the 35 mm-equivalent focal length")
    pixels, microns = map(float, re.match(r"([\d.]+) px \(([\d.]+) µm\) to the", numbers.red_shift.text()).groups())
    assert microns == pytest.approx(5 * pixels, abs=0.08)
    save_profile(with_pitch(None), tmp_path / "unknown.lens")
    drop(window.lens, [tmp_path / "unknown.lens"])
    qtbot.waitUntil(lambda: "µm" not in numbers.red_shift.text())
    assert not numbers.pitch_words.isVisible()
    drop(window.lens, [tmp_path / "rough.lens"])
    qtbot.waitUntil(numbers.pitch_words.isVisible)
    assert "right to a few per cent" in turn_to(window.lens, qtbot, "mtf").note.text()


def test_every_quantity_has_a_map_and_an_explanation(lens, qtbot):
    maps = turn_to(lens, qtbot, "maps")
    seen = set()
    for index in range(maps.quantity.count()):
        maps.quantity.setCurrentIndex(index)
        assert maps.frame.title.text() == f"{maps.quantity.currentText()}, green"
        seen.add(maps.explanation.text())
        assert np.isfinite(maps.map.shown.values).all()
    assert len(seen) == maps.quantity.count() == 6


def test_channels_have_maps_of_their_own(lens, qtbot):
    maps = turn_to(lens, qtbot, "maps")
    green = maps.map.shown.values
    qtbot.mouseClick(maps.channel.button("blue"), LEFT)
    assert not np.allclose(maps.map.shown.values, green)
    qtbot.mouseClick(maps.channel.button("mean"), LEFT)
    assert np.allclose(maps.map.shown.values, lens._opened.measures.fwhm.mean(-1))


def test_contrast_is_in_line_pairs_where_the_pitch_is_known(lens, qtbot):
    maps = turn_to(lens, qtbot, "maps")
    qtbot.keyClick(maps.quantity, Qt.Key.Key_Down)
    assert maps.frame.title.text() == "MTF50, both directions, green"
    assert maps.map.shown.unit == "lp/mm"
    assert np.allclose(maps.map.shown.values, lens._opened.measures.mtf50[..., 1] * 200)


def test_the_field_is_judged_in_sentences(lens, qtbot):
    maps = turn_to(lens, qtbot, "maps")
    told = " ".join(part.text() for part in maps.findChildren(QLabel) if part.isVisible())
    for words in ("in the corners", "half is", "Coma", "µm"):
        assert words in told


def drawn(view, channel, direction):
    return view._curves[channel, direction].getData()[1]


def test_the_curves_fall_with_finer_lines(lens, qtbot):
    view = turn_to(lens, qtbot, "mtf")
    assert [view.lines.button(key).text() for key in "012"] == ["10 lp/mm", "20 lp/mm", "40 lp/mm"]
    contrasts = []
    for key in "012":
        qtbot.mouseClick(view.lines.button(key), LEFT)
        contrasts.append([drawn(view, channel, direction) for channel, direction in KEYS])
    coarse, usual, fine = (np.concatenate(one) for one in contrasts)
    assert (coarse > usual).all()
    assert (usual > fine).all()
    assert "40 lp/mm = 0.2 cycles/px" in view.frame.title.text()


def test_without_a_pitch_lines_are_counted_in_pixels(lens, qtbot, tmp_path):
    save_profile(with_pitch(None), tmp_path / "b.lens")
    drop(lens, [tmp_path / "b.lens"])
    qtbot.waitUntil(lambda: lens.place.text().endswith("b.lens"))
    view = turn_to(lens, qtbot, "mtf")
    assert view.lines.button("2").text() == "0.2 cycles/px"
    assert "pixel pitch" in view.note.text()
    assert "lp/mm" not in str(view.table())
    assert " um" not in " ".join(turn_to(lens, qtbot, "colour").table().header)


def test_lines_finer_than_the_pixels_are_not_offered(lens, qtbot, tmp_path):
    save_profile(with_pitch(14.0), tmp_path / "coarse.lens")
    drop(lens, [tmp_path / "coarse.lens"])
    qtbot.waitUntil(lambda: lens.place.text().endswith("coarse.lens"))
    view = turn_to(lens, qtbot, "mtf")
    assert [view.lines.button(key).isEnabled() for key in "012"] == [True, True, False]
    assert "finer than the pixels" in view.lines.button("2").toolTip()


@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
def test_curves_have_the_colours_of_their_channels_sagittal_solid_and_meridional_dashed(lens, qtbot, qapp, tmp_path, colours):
    view = turn_to(lens, qtbot, "mtf")
    apply_theme(qapp, Theme.LIGHT if colours is LIGHT else Theme.DARK)
    try:
        for (channel, direction), one in view._curves.items():
            pen = one.opts["pen"]
            assert pen.color().name() == getattr(colours, channel)
            assert pen.style() == (Qt.PenStyle.SolidLine if direction == "sagittal" else Qt.PenStyle.DashLine)
        view.frame.save_to(tmp_path / "mtf.svg")
        qtbot.waitUntil((tmp_path / "mtf.svg").is_file)
        drawing = (tmp_path / "mtf.svg").read_text()
        assert all(getattr(PAPER, channel) in drawing for channel in ("red", "green", "blue"))
        assert "stroke-dasharray" in drawing
    finally:
        apply_theme(qapp, Theme.DARK)


def test_only_the_channels_wanted_are_drawn_and_named_and_one_alone_has_a_shade(lens, qtbot):
    view = turn_to(lens, qtbot, "mtf")
    assert view._legend.words == ["Red", "Green", "Blue", "sagittal", "meridional"]
    assert "With one channel alone" in view.note.text()
    for channel in ("red", "blue"):
        qtbot.mouseClick(view.channels[channel], LEFT)
    assert drawn(view, "blue", "sagittal") is None or not len(drawn(view, "blue", "sagittal"))
    assert len(drawn(view, "green", "sagittal"))
    assert view._legend.words == ["Green", "sagittal", "meridional"]
    assert "a lens that is askew has a wide one" in view.note.text()
    qtbot.mouseClick(view.channels["red"], LEFT)
    assert view._legend.words == ["Red", "Green", "sagittal", "meridional"]


def test_the_chosen_node_is_drawn_against_fineness_in_both_units(lens, qtbot):
    view = turn_to(lens, qtbot, "mtf")
    qtbot.mouseClick(view.against.button("fineness"), LEFT)
    assert not view.lines.isVisible()
    assert "row 1, column 1" in view.frame.title.text()
    first = drawn(view, "green", "sagittal")
    assert first[0] == pytest.approx(1)
    lens.show_node(1, 3)
    assert "row 2, column 4" in view.frame.title.text()
    assert not np.allclose(drawn(view, "green", "sagittal"), first)
    cycles, pairs = view._plot.getAxis("bottom"), view._plot.getAxis("top")
    assert (cycles.labelText, pairs.labelText) == ("fineness of lines, cycles/px", "lp/mm")
    assert pairs.scale / cycles.scale == pytest.approx(200)  # with pixels of 5 µm
    table = view.table()
    assert table.header[:2] == ("cycles/px", "lp/mm")
    assert all(float(row[1]) == pytest.approx(200 * float(row[0])) for row in table.rows)


def test_the_numbers_of_the_curves_tell_channel_lines_and_direction(lens, qtbot):
    table = turn_to(lens, qtbot, "mtf").table()
    told = {row[1:4] for row in table.rows}
    assert len(told) == 3 * len(KEYS)
    assert ("20 lp/mm", "blue", "meridional") in told


@pytest.mark.parametrize("name", ["maps", "mtf", "colour"])
def test_a_plot_is_saved_as_picture_drawing_and_numbers(lens, window, qtbot, tmp_path, name):
    view = turn_to(lens, qtbot, name)
    for suffix in (".png", ".svg", ".csv"):
        path = tmp_path / f"{name}{suffix}"
        view.frame.save_to(path)
        qtbot.waitUntil(lambda path=path: str(path) in window.messages.what.text())
    picture = QImage(str(tmp_path / f"{name}.png"))
    assert picture.width() >= 2 * 200
    sampled = {picture.pixel(x, y) for x in range(0, picture.width(), 3) for y in range(0, picture.height(), 3)}
    assert len(sampled) > 5
    drawing = (tmp_path / f"{name}.svg").read_bytes()
    assert QSvgRenderer(QByteArray(drawing)).isValid()
    assert b"<path" in drawing or b"<polyline" in drawing or b"<rect" in drawing
    rows = list(csv.reader((tmp_path / f"{name}.csv").read_text().splitlines()))
    assert len(rows) > 16
    assert all(len(row) == len(rows[0]) for row in rows)


def test_the_numbers_of_the_colour_shift_are_those_of_the_kernels(lens, qtbot):
    table = turn_to(lens, qtbot, "colour").table()
    shift = lens._opened.measures.shift[0, 3]
    row = dict(zip(table.header, table.rows[3], strict=True))
    assert (row["row"], row["column"]) == (1, 4)
    assert float(row["red-green right px"]) == pytest.approx(shift[0, 1], abs=1e-4)
    assert float(row["blue-green down px"]) == pytest.approx(shift[1, 0], abs=1e-4)
    assert float(row["red-green right um"]) == pytest.approx(5 * shift[0, 1], abs=1e-3)


def test_a_saved_plot_tells_what_it_shows_and_of_which_lens(lens, qtbot):
    titles = [turn_to(lens, qtbot, name).frame.file_title for name in ("maps", "mtf", "colour")]
    assert titles[0] == f"Width of the blur (FWHM), green  ·  {lens.name.text()}"
    assert all(title.endswith(f"  ·  {lens.name.text()}") for title in titles)
    assert len(set(titles)) == 3


def test_every_plot_has_a_context_menu_of_the_same_choices(lens, qtbot):
    for name in ("maps", "mtf", "colour"):
        view = turn_to(lens, qtbot, name)
        assert [action.text()[-5:-1] for action in view.frame.menu.actions()] == ["PNG)", "SVG)", "CSV)"]


def test_a_second_profile_is_compared(lens, qtbot, tmp_path):
    other = made_up_profile(grid=psf_grid(random_lens(5), 3, 5, 9))
    other = dataclasses.replace(other, facts=other.facts.model_copy(update={"pixel_pitch": 5.0}))
    save_profile(other, tmp_path / "other.lens")
    view = turn_to(lens, qtbot, "compare")
    assert view.empty.isVisible()
    assert not view.maps[2].isVisible()
    drop(lens, [tmp_path / "other.lens"])
    qtbot.waitUntil(view.maps[2].isVisible)
    first, second, difference = (shown.shown.values for shown in view.maps)
    assert np.allclose(difference, second - first)
    assert view.maps[0].shown.low == view.maps[1].shown.low
    assert "“other” is" in view.verdict.text()
    assert "The other profile has 3 × 5 nodes, this one 4 × 4" in view.warning.text()
    assert view.frames[2].title.text() == "Difference: right minus left"
    assert view.frames[2].file_title == "Width of the blur (FWHM), green  ·  other minus a"
    qtbot.mouseClick(view.maps[2], LEFT, pos=view.maps[2].cell_rect(2, 0).center().toPoint())
    assert view.node_heading.text() == "Node: row 3, column 1"
    assert lens.place.text().endswith("a.lens")


def test_the_same_profile_differs_in_nothing(lens, qtbot, tmp_path):
    view = turn_to(lens, qtbot, "compare")
    drop(lens, [tmp_path / "a.lens"])
    qtbot.waitUntil(view.maps[2].isVisible)
    assert not view.maps[2].shown.values.any()
    assert "equally sharp" in view.verdict.text()


def test_facts_of_a_manual_lens_are_typed_in_and_kept(lens, window, qtbot, tmp_path):
    qtbot.mouseClick(lens.edit, LEFT)
    dialog = lens.dialog
    assert dialog.isVisible()
    dialog.lens.selectAll()
    qtbot.keyClicks(dialog.lens, "Helios 44-2")
    dialog.aperture.selectAll()
    qtbot.keyClicks(dialog.aperture, "2.8")
    qtbot.mouseClick(dialog.save, LEFT)
    qtbot.waitUntil(lambda: "facts were written" in window.messages.what.text())
    facts = load_profile(tmp_path / "a.lens").facts
    assert (facts.lens, facts.aperture, facts.focal_length, facts.camera) == ("Helios 44-2", 2.8, 50.0, "Fake 1")
    qtbot.waitUntil(lambda: any(part.text() == "Helios 44-2" for part in lens.numbers.findChildren(QLabel)))


def test_a_lens_is_called_by_its_new_name_everywhere(lens, window, qtbot, tmp_path):
    save_profile(made_up_profile(grid=psf_grid(random_lens(5), 4, 4, 9)), tmp_path / "other.lens")
    view = turn_to(lens, qtbot, "compare")
    drop(lens, [tmp_path / "other.lens"])
    qtbot.waitUntil(view.maps[2].isVisible)
    qtbot.mouseClick(lens.edit, LEFT)
    lens.dialog.lens.setText("Helios 44-2")
    lens.dialog.aperture.setValue(2.8)
    qtbot.mouseClick(lens.dialog.save, LEFT)
    qtbot.waitUntil(lambda: lens.name.text() == "Helios 44-2, f/2.8")
    assert view.frames[0].title.text() == "Helios 44-2, f/2.8"
    assert "Helios 44-2, f/2.8" in view.frames[2].file_title
    assert window.deblur.profile_name.text() == "Helios 44-2, f/2.8"
    assert any(row.open.accessibleName() == "Open Helios 44-2, f/2.8" for row in window.start.profiles.rows)


def test_the_name_of_the_profile_compared_with_is_new_too_when_it_is_edited(lens, window, qtbot, tmp_path):
    save_profile(made_up_profile(), tmp_path / "other.lens")
    view = turn_to(lens, qtbot, "compare")
    drop(lens, [tmp_path / "other.lens"])
    qtbot.waitUntil(view.maps[2].isVisible)
    lens.open_file(tmp_path / "other.lens")
    qtbot.waitUntil(lambda: lens.place.text().endswith("other.lens"))
    qtbot.mouseClick(lens.edit, LEFT)
    lens.dialog.lens.setText("Helios 44-2")
    qtbot.mouseClick(lens.dialog.save, LEFT)
    qtbot.waitUntil(lambda: view.frames[0].title.text().startswith("Helios"))
    lens.open_file(tmp_path / "a.lens")
    qtbot.waitUntil(lambda: view.frames[1].title.text().startswith("Helios"))


def test_a_lens_without_a_name_goes_by_its_project_or_its_file():
    facts = made_up_profile().facts.model_copy(update={"lens": "", "aperture": None})
    assert title_of(facts, Path("old 50/profile.lens")) == "old 50"
    assert title_of(facts, Path("somewhere/takumar.lens")) == "takumar"
    assert title_of(facts.model_copy(update={"aperture": 1.8}), Path("old 50/profile.lens")) == "old 50, f/1.8"


def test_a_cancelled_edit_changes_nothing(lens, qtbot, tmp_path):
    before = (tmp_path / "a.lens").read_bytes()
    qtbot.mouseClick(lens.edit, LEFT)
    qtbot.keyClicks(lens.dialog.lens, "something")
    qtbot.mouseClick(lens.dialog.cancel, LEFT)
    assert not lens.dialog.isVisible()
    assert (tmp_path / "a.lens").read_bytes() == before


def test_a_profile_compared_with_itself_is_told_as_such(lens, qtbot, tmp_path):
    turn_to(lens, qtbot, "compare")
    drop(lens, [Path(lens.place.text())])
    qtbot.waitUntil(lens.compare.warning.isVisible)
    assert "the same file" in lens.compare.warning.text()


def test_a_grid_that_is_being_learned_has_only_its_kernels(lens, window, qtbot):
    turn_to(lens, qtbot, "maps")
    window.lens.show_learning(made_up_profile().psf, 1, 1)
    assert lens.kernels.isVisible()
    assert not lens.view.button("maps").isEnabled()
    assert not lens.edit.isEnabled()


@pytest.mark.parametrize("name", ["maps", "mtf", "colour", "compare"])
def test_no_view_is_too_large_for_a_small_screen(lens, window, qtbot, tmp_path, name):
    deep = (
        tmp_path
        / "a rather long name of a folder"
        / "and of one in it that is no shorter"
        / "of a lens with all that can be said of it.lens"
    )
    deep.parent.mkdir(parents=True)
    deep.write_bytes((tmp_path / "a.lens").read_bytes())
    window.show_profile(deep)
    qtbot.waitUntil(lambda: lens.place.text() == str(deep))
    turn_to(lens, qtbot, name)
    if name == "compare":
        drop(lens, [tmp_path / "a.lens"])
        qtbot.waitUntil(lens.compare.maps[2].isVisible)
    assert window.minimumSizeHint().width() <= 1280
    assert window.minimumSizeHint().height() <= 760


def test_the_place_for_a_second_profile_fills_the_view(window, qtbot, profile):
    window.open_path(profile)
    qtbot.waitUntil(lambda: window.lens.export.isEnabled())
    qtbot.mouseClick(window.lens.view.button("compare"), LEFT)
    view = window.lens.compare
    assert view.empty.isVisible()
    assert view.empty.height() >= 0.95 * view.height()


def test_no_verdict_is_given_on_profiles_that_cannot_be_compared(lens, qtbot, tmp_path):
    other = made_up_profile(frame=(192, 128), grid=psf_grid(random_lens(5), 4, 4, 9))
    save_profile(other, tmp_path / "other.lens")
    view = turn_to(lens, qtbot, "compare")
    drop(lens, [tmp_path / "other.lens"])
    qtbot.waitUntil(view.maps[2].isVisible)
    assert "differ in size" in view.warning.text()
    assert "%" not in view.verdict.text()
    assert "cannot be told" in view.verdict.text()


def test_widths_are_those_of_green_wherever_one_figure_stands_for_all_and_that_is_said(lens, qtbot):
    widths = lens.maps._opened.measures.fwhm[..., 1]
    sharpest, softest = lens.numbers.grid_words.text().split(". Softest")
    assert f"{widths.min():.2f} px" in sharpest
    assert sharpest.endswith("wide (green)")
    assert f"{widths.max():.2f} px" in softest
    maps = turn_to(lens, qtbot, "maps")
    assert maps.frame.title.text().endswith("green")
    qtbot.mouseClick(maps.channel.button("mean"), LEFT)
    assert maps.frame.title.text().endswith("mean of the colours")
    assert any("green" in part.text() for part in maps.findChildren(QLabel) if "FWHM" in part.text() and "Width of" in part.text())
