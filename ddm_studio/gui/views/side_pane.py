"""A pane beside the pages that is called and sent away by a key: it takes the focus when it comes, and gives it back when it goes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QWidget
from shiboken6 import isValid


class SidePane(QDockWidget):
    """Never in front of the pages. Escape closes it. `coming()` before it is shown, `gone()` after it was closed."""

    coming = Signal()
    gone = Signal()

    def __init__(self, window: QMainWindow, name: str) -> None:
        super().__init__(window)
        self.setObjectName(name)
        self.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable | QDockWidget.DockWidgetFeature.DockWidgetMovable)
        self._window = window
        self._before: QWidget | None = None
        self.hide()

    def setVisible(self, visible: bool) -> None:
        """Take the focus or give it back, unless the window itself is only being set up."""
        comes = visible and self.isHidden()
        goes = not visible and not self.isHidden()
        focus = QApplication.focusWidget()
        had_focus = focus is not None and self.isAncestorOf(focus)
        if comes:
            self._before = focus if self._window.isVisible() else None
            self.coming.emit()
        super().setVisible(visible)
        if comes and self._window.isVisible():
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        if goes:
            if had_focus:
                self._give_back()
            self.gone.emit()

    def _give_back(self) -> None:
        """To what had the focus before; where nothing had, or that is gone, to nothing, as Qt would pick any control near by."""
        if self._before is not None and isValid(self._before) and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        elif (picked := QApplication.focusWidget()) is not None:
            picked.clearFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)
