"""A plot that is saved is the plot of the screen, on white, as fine as print wants it; in pixels and in strokes alike."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from ddm_studio.gui import theme
from ddm_studio.gui.colours import contrast
from ddm_studio.gui.plot_files import Table, plot_file
from ddm_studio.gui.theme import apply_theme
from ddm_studio.gui.views.map_view import FieldMap, MapView
from ddm_studio.gui.views.plots import Legend, curve, themed_plot
from ddm_studio.preferences import Theme

THEMES = [Theme.DARK, Theme.LIGHT]


@pytest.fixture(params=THEMES)
def in_theme(request, qapp):
    apply_theme(qapp, request.param)
    yield request.param
    apply_theme(qapp)


@pytest.fixture
def plot(qtbot):
    """A level line, a falling one with dots, and a legend."""
    made = themed_plot("step", "misfit")
    made.resize(400, 260)
    made.setYRange(0, 1)
    curve(made, "RED").setData([0, 10], [0.83, 0.83])
    curve(made, "BLUE", dots=True, dashed=True).setData([0, 3, 7, 10], [0.6, 0.5, 0.2, 0.1])
    legend = Legend(made)
    legend.add("red", "Red", "RED")
    legend.add("blue", "Blue", "BLUE", dashed=True, symbol="o")
    legend.show(("red", "blue"), is_low=True)
    made.show()
    qtbot.waitExposed(made)
    yield made  # not given to qtbot: a plot of pyqtgraph that was closed does not stand another theme
    made.hide()


@pytest.fixture
def field(qtbot):
    made = MapView("Map")
    made.resize(400, 260)
    made.show_map(FieldMap(np.array([[1.0, 2.0], [3.0, np.nan]]), "px", 1.0, 3.0, 1.5))
    made.show()
    qtbot.waitExposed(made)
    yield made  # not given to qtbot: a plot of pyqtgraph that was closed does not stand another theme
    made.hide()


def saved(widget, tmp_path, suffix):
    return plot_file(tmp_path / f"plot{suffix}", widget, lambda: Table((), ())).content


def pixels(image):
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def thickness(picture, scale=1.0):
    """Of the level red line where nothing else is, in px of the screen."""
    column = picture[: picture.shape[0] // 3, int(picture.shape[1] * 0.6)]
    redness = (column[:, 0] - column[:, 1:].max(1)).clip(0)
    return redness.sum() / redness.max() / scale


def test_lines_are_as_thick_as_on_the_screen(plot, tmp_path, in_theme):
    on_screen = pixels(plot.grab().toImage())
    on_paper = pixels(QImage.fromData(saved(plot, tmp_path, ".png")))
    scale = on_paper.shape[1] / on_screen.shape[1]
    assert scale > 3
    assert thickness(on_paper, scale) == pytest.approx(thickness(on_screen), abs=0.2)


def test_it_is_as_large_as_on_the_screen_at_the_resolution_of_print(plot, tmp_path):
    picture = QImage.fromData(saved(plot, tmp_path, ".png"))
    assert picture.dotsPerMeterX() * 0.0254 == pytest.approx(300, abs=0.1)
    assert picture.width() / 300 == pytest.approx(plot.width() / 96, abs=0.01)
    drawing = QSvgRenderer(saved(plot, tmp_path, ".svg"))
    assert drawing.viewBoxF() == QRectF(plot.rect())


@pytest.mark.parametrize("name", ["plot", "field"])
def test_the_drawing_looks_like_the_picture(request, tmp_path, name):
    """Axes, curves, dots and words lie at the same places, and are as thick."""
    widget = request.getfixturevalue(name)
    picture = QImage.fromData(saved(widget, tmp_path, ".png"))
    drawn = QImage(picture.size(), QImage.Format.Format_RGB32)
    drawn.fill(QColor("#ffffff"))
    painter = QPainter(drawn)
    QSvgRenderer(saved(widget, tmp_path, ".svg")).render(painter)
    painter.end()
    blocks = [pixels(image.scaled(100, 65)) for image in (picture, drawn)]
    ink = (255 - blocks[0]).mean()
    assert ink > 1
    assert np.abs(blocks[0] - blocks[1]).mean() < 0.25 * ink


def test_no_stroke_stays_thin_when_the_drawing_is_enlarged(plot, tmp_path):
    drawing = saved(plot, tmp_path, ".svg").decode()
    groups = drawing.split("<g ")
    thin = [group for group in groups if "non-scaling-stroke" in group and 'stroke="none"' not in group]
    assert [group for group in thin if "<path" in group or "<poly" in group] == []
    assert "<image" not in drawing  # no dots in pixels


@pytest.mark.parametrize("name", ["plot", "field"])
def test_it_is_the_same_dark_on_white_whatever_the_theme(request, qapp, tmp_path, name):
    widget = request.getfixturevalue(name)
    of_theme = []
    for one in THEMES:
        apply_theme(qapp, one)
        QApplication.processEvents()
        of_theme.append(pixels(QImage.fromData(saved(widget, tmp_path, ".png"))))
    apply_theme(qapp)
    assert np.array_equal(*of_theme)
    corners = of_theme[0][[0, 0, -1, -1], [0, -1, 0, -1]]
    assert (corners == 255).all()
    darkest = min(map(tuple, of_theme[0].reshape(-1, 3)), key=sum)
    assert contrast(QColor(*darkest).name(), "#ffffff") > 4.5


@pytest.mark.parametrize("name", ["plot", "field"])
def test_its_title_stands_above_it_and_covers_nothing(request, tmp_path, name, in_theme):
    """Away from the window nothing else tells what a map shows, and of which lens."""
    widget = request.getfixturevalue(name)
    title = "Width of the blur (FWHM), green  ·  a lens with a name so long that it needs a second line, f/2.8"
    bare = QImage.fromData(saved(widget, tmp_path, ".png"))
    titled = QImage.fromData(plot_file(tmp_path / "a.png", widget, lambda: Table((), ()), title).content)
    added = titled.height() - bare.height()
    assert added > 100  # two lines, at the resolution of print
    assert pixels(titled)[:added].min() < 128
    blocks = [pixels(image.scaled(100, 65)) for image in (bare, titled.copy(0, added, bare.width(), bare.height()))]
    assert np.abs(blocks[0] - blocks[1]).mean() < 0.25 * (255 - blocks[0]).mean()  # the same, but for a part of a pixel
    drawing = plot_file(tmp_path / "a.svg", widget, lambda: Table((), ()), title).content
    assert QSvgRenderer(drawing).isValid()
    assert "Width of the blur" in drawing.decode().split("<desc>")[1]


@pytest.mark.parametrize("name", ["plot", "field"])
def test_nothing_on_the_screen_is_changed_by_saving(request, tmp_path, in_theme, name):
    widget = request.getfixturevalue(name)
    before, colours = pixels(widget.grab().toImage()), (theme.CANVAS, theme.RED, theme.CHANNELS)
    for suffix in (".png", ".svg"):
        saved(widget, tmp_path, suffix)
    assert colours == (theme.CANVAS, theme.RED, theme.CHANNELS)
    assert np.array_equal(pixels(widget.grab().toImage()), before)


def test_a_dash_for_an_unknown_value_can_be_read(field, in_theme):
    rect = field.cell_rect(1, 1).toRect().adjusted(4, 4, -4, -4)
    cell = pixels(field.grab(rect).toImage()).reshape(-1, 3)
    darkest, brightest = min(map(tuple, cell), key=sum), max(map(tuple, cell), key=sum)
    assert contrast(QColor(*darkest).name(), QColor(*brightest).name()) > 4.5
