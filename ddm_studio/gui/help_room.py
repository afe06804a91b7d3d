"""Room for the help beside the page: in a window that is too narrow for both, the sidebar keeps only its signs."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QMainWindow, QWidget

from ddm_studio.gui.views.help_pane import HelpPane
from ddm_studio.gui.views.sidebar import Sidebar

_SLACK = 30  # px, for the edge between the two that can be dragged, and some more


class HelpRoom(QObject):
    """Looks whenever the help comes or goes, and whenever the window's size changes.

    Args:
        window: Holds all of them.
        centre: Holds the sidebar and the pages.
        sidebar: Gives way.
        pages: Stand between.
        pane: The help.
    """

    def __init__(self, window: QMainWindow, centre: QWidget, sidebar: Sidebar, pages: QWidget, pane: HelpPane) -> None:
        super().__init__(window)
        self._window, self._centre, self._sidebar, self._pages, self._pane = window, centre, sidebar, pages, pane
        self._is_limited = False  # while it is not, Qt itself sees to the limit
        pane.coming.connect(self._on_coming)
        pane.gone.connect(self._fit)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window has another size, or what it holds needs another one."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._fit()
        return False

    def _on_coming(self) -> None:
        self._make_room(is_there=True)
        QTimer.singleShot(0, self, self._widen)

    def _fit(self) -> None:
        is_there = not self._pane.isHidden()
        self._make_room(is_there)
        self._limit(is_there)

    def _make_room(self, is_there: bool) -> None:
        needed = self._sidebar.wide + self._pages.minimumSizeHint().width() + self._pane.minimumSizeHint().width() + _SLACK
        self._sidebar.show_narrow(is_there and self._window.width() < needed)
        layout = self._centre.layout()
        if layout is not None:
            layout.activate()  # at once: else the window would first grow to hold the help beside the wide sidebar

    def _limit(self, is_there: bool) -> None:
        """Let the window become as narrow at once as it can be with a sidebar that has given way, however wide that is now."""
        if is_there:
            self._window.setMinimumWidth(self._window.minimumSizeHint().width() - self._sidebar.width() + self._sidebar.narrow)
        elif self._is_limited:
            self._window.setMinimumSize(0, 0)  # what the pages need is the limit again
        self._is_limited = is_there

    def _widen(self) -> None:
        """As wide as is comfortable to read, where the pages leave so much."""
        left = self._window.width() - self._sidebar.width() - self._pages.minimumSizeHint().width() - _SLACK
        self._window.resizeDocks([self._pane], [min(max(left, self._pane.least), self._pane.best)], Qt.Orientation.Horizontal)
