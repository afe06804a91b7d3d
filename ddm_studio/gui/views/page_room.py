"""Room for the pages: where it is too low for one, that scrolls."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

_LOWEST = 300  # px


class PageRoom(QScrollArea):
    """Else a message above a page, a line in it or the log below made the window higher than the screen, and it stayed so.

    Args:
        pages: What it holds; never narrower than they need.
    """

    def __init__(self, pages: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # keys are for what is on the page
        self.setWidgetResizable(True)
        self._pages = pages
        holder = QWidget()
        _AsLowAsCanBe(holder).addWidget(pages)
        self.setWidget(holder)

    def minimumSizeHint(self) -> QSize:
        """As wide as the pages need, and low."""
        needed = self._pages.minimumSizeHint()
        bar = self.verticalScrollBar()
        return QSize(needed.width() + (bar.sizeHint().width() if bar.isVisible() else 0), min(needed.height(), _LOWEST))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The pages may need another width."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


class _AsLowAsCanBe(QVBoxLayout):
    """Scrolling begins where a page can no longer be made lower, and not where it would like to be higher."""

    def __init__(self, holder: QWidget) -> None:
        super().__init__(holder)
        self.setContentsMargins(0, 0, 0, 0)

    def hasHeightForWidth(self) -> bool:
        """Of texts that wrap; then an area that scrolls gives the height that would be comfortable."""
        return False
