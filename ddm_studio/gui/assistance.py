"""What stands beside the pages: help, tour, log, report, settings, and a word about the program."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow, QMessageBox

from ddm_studio import __version__
from ddm_studio.gui.memory import Memory
from ddm_studio.gui.menus import Menus
from ddm_studio.gui.problem_report import problem_report
from ddm_studio.gui.settings_dialog import SettingsDialog
from ddm_studio.gui.views.help_pane import HelpPane
from ddm_studio.gui.views.log_pane import LogPane
from ddm_studio.gui.views.message_bar import Message
from ddm_studio.gui.views.tour import Tour, TourStop

_SEEN = "tour/seen"


class Assistance(QObject):
    """Makes each when it is first wanted, besides the log, which listens from the beginning."""

    message = Signal(object)
    page_wanted = Signal(str)

    def __init__(self, window: QMainWindow, memory: Memory) -> None:
        super().__init__(window)
        self._window, self._memory = window, memory
        self.log = LogPane(window)
        self.help = HelpPane(window)
        self.settings: SettingsDialog | None = None
        self.tour: Tour | None = None
        self._stops: tuple[TourStop, ...] = ()
        self.help.page_wanted.connect(self.page_wanted)

    def join(self, menus: Menus, stops: tuple[TourStop, ...]) -> None:
        """Take places beside the pages and in the menus, once the window has both."""
        self._stops = stops
        self._window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self.log)
        self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.help)
        menus.add_pane(menus.view, "full screen", self.log.toggleViewAction(), self.tr("&Log"), "Ctrl+L")
        menus.add_pane(menus.help, "tour", self.help.toggleViewAction(), self.tr("&Help on this page"), "F1")
        menus.settings_chosen.connect(self.show_settings)
        menus.tour_chosen.connect(self.show_tour)
        menus.report_chosen.connect(self._on_copy_report)
        menus.about_chosen.connect(self._on_about)

    def report(self, message: Message) -> str:
        """What to send to whoever helps."""
        return problem_report(message, self.log.lines)

    def show_settings(self) -> None:
        """Open the settings."""
        if self.settings is None:
            self.settings = SettingsDialog(self._window, self._memory)
            self.settings.message.connect(self.message)
        self.settings.show()
        self.settings.activateWindow()

    def offer_tour(self) -> None:
        """Show the tour at the first visit."""
        if not self._memory.recall_word(_SEEN):
            self.show_tour()

    def show_tour(self) -> None:
        """Show the tour."""
        if self.tour is None:
            self.tour = Tour(self._window, self._stops)
            self.tour.ended.connect(self._on_tour_ended)
        self.page_wanted.emit("start")
        self.tour.begin()

    def leave_tour(self) -> None:
        """End the tour, where it is under way: the person has begun something else."""
        if self.tour is not None and not self.tour.isHidden():
            self.tour.leave()

    def shut_down(self) -> None:
        """End what runs in the background."""
        if self.settings is not None:
            self.settings.shut_down()

    def _on_tour_ended(self) -> None:
        self._memory.keep(_SEEN, "yes")

    def _on_copy_report(self) -> None:
        QGuiApplication.clipboard().setText(problem_report(None, self.log.lines))
        self.message.emit(Message(self.tr("The report is copied"), self.tr("Paste it where you ask for help"), is_error=False))

    def _on_about(self) -> None:
        box = QMessageBox(self._window)
        box.setWindowTitle(self.tr("About DDM Studio"))
        box.setText(self.tr("DDM Studio {version}").format(version=__version__))
        words = self.tr(
            "Calibrates a lens from ordinary photos, and deblurs with what was learned.\n\nThe method follows arXiv 2506.14605. "
            "BSD 3-Clause licence."
        )
        box.setInformativeText(words)
        box.open()
