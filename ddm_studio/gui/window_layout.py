"""Where the parts of the window stand, and what the tour says about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ddm_studio.bundled import bundled_file
from ddm_studio.gui.views.message_room import MessageRoom
from ddm_studio.gui.views.page_room import PageRoom
from ddm_studio.gui.views.tour import TourStop

if TYPE_CHECKING:
    from ddm_studio.gui.main_window import MainWindow

_ABOVE_MESSAGES = 12


def arrange_window(window: MainWindow) -> QWidget:
    """The pages' names at the left; the way out of the demo and messages above the page. Returns what holds all of it."""
    window.setWindowTitle("DDM Studio")
    window.setWindowIcon(QIcon(str(bundled_file("icons/ddm-studio.png"))))
    for page in (window.start, window.photos, window.calibrate, window.lens, window.deblur):
        window.stack.addWidget(page)
    bar = QVBoxLayout()
    bar.setContentsMargins(24, _ABOVE_MESSAGES, 24, 0)
    bar.setSpacing(8)
    bar.addWidget(window.demo_bar)
    bar.addWidget(window.messages)
    MessageRoom(window.messages, _ABOVE_MESSAGES, window.calibrate.give_way)
    right = QVBoxLayout()
    right.setSpacing(0)
    right.addLayout(bar)
    right.addWidget(PageRoom(window.stack), 1)
    whole = QHBoxLayout()
    whole.setContentsMargins(0, 0, 0, 0)
    whole.setSpacing(0)
    whole.addWidget(window.sidebar)
    whole.addLayout(right, 1)
    centre = QFrame()
    centre.setObjectName("centre")
    centre.setLayout(whole)
    window.setCentralWidget(centre)
    return centre


def tour_stops(window: MainWindow) -> tuple[TourStop, ...]:
    """Four bubbles."""
    return (
        TourStop(
            window.start.demo,
            window.tr("Never been here?"),
            window.tr("The demo calibrates a made-up lens before your eyes, in a minute or two. No photos are needed."),
        ),
        TourStop(
            window.sidebar.pages,
            window.tr("From top to bottom"),
            window.tr("Choose photos, calibrate, look at the lens, deblur. Any page can be turned to while something runs (Ctrl+1 … 4)."),
        ),
        TourStop(
            window.stack,
            window.tr("Drop anything anywhere"),
            window.tr("Photos, a folder, a lens profile or a project: let go of it wherever you are, and it opens in the right place."),
        ),
        TourStop(
            window.menuBar(),
            window.tr("Help is one key away"),
            window.tr("F1 explains the page you are on. The menus have a light look, a log, and undo for settings (Ctrl+Z)."),
        ),
    )
