"""In a corner of the photo: how the lens images a point there."""

from dataclasses import replace

import numpy as np
import pytest
from fake_jobs import made_up_grid, write_photos
from PySide6.QtCore import QPoint, QPointF, QSize
from PySide6.QtGui import QImage

from ddm_studio.gui.local_psf import LocalPsf
from ddm_studio.gui.views.crop_view import CropView
from ddm_studio.photos.reading import read_photo_info
from ddm_studio.photos.rendering import turn_upright, upright_size


@pytest.fixture(scope="module")
def info(tmp_path_factory):
    return read_photo_info(write_photos(tmp_path_factory.mktemp("photos"), 1)[0])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_is_the_node_in_every_corner_turned_as_the_photo_is(info, orientation):
    grid = made_up_grid(3, 5)
    turned = replace(info, orientation=orientation)
    width, height = upright_size(turned)
    nodes = turn_upright(grid, orientation)
    for row, column in ((0, 0), (0, -1), (-1, 0), (-1, -1)):
        wanted = turn_upright(np.moveaxis(nodes[row, column], 0, -1), orientation)
        kernel = LocalPsf(grid, turned).at((width - 1) * (column != 0), (height - 1) * (row != 0))
        np.testing.assert_allclose(np.moveaxis(kernel, 0, -1), wanted, atol=1e-7)


def test_between_nodes_it_is_their_mean(info):
    grid = made_up_grid(2, 2)
    middle = LocalPsf(grid, info).at((info.width - 1) / 2, (info.height - 1) / 2)
    np.testing.assert_allclose(middle, grid.mean((0, 1)), atol=0.02 * grid.max())


def test_the_loupe_follows_the_mouse_and_rests_at_the_crop(qtbot, info):
    view = CropView("photo")
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show()
    view.show_levels([QImage(info.width, info.height, QImage.Format.Format_RGB32)], QSize(info.width, info.height))
    before = view.grab().toImage()
    view.show_psf(LocalPsf(made_up_grid(), info))
    assert view.grab().toImage() != before
    left, top, width, height = view.crop
    assert view.psf_place() == QPointF(left + width / 2, top + height / 2)
    place = view.to_screen(QPointF(10, 10)).toPoint()
    qtbot.mouseMove(view, QPoint(1, 1))
    qtbot.mouseMove(view, place)
    assert view.psf_place().x() == pytest.approx(10, abs=1)
