"""Where files are dropped: a large invitation, and the same for any widget that should take drops."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ddm_studio.gui.icons import Sign
from ddm_studio.gui.views.small_parts import button, label, set_look


def local_paths(data: QMimeData) -> list[Path]:
    """The files and folders of a drop that lie on this computer."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


class DropTaker(QObject):
    """Lets a widget take files; it glows while something droppable hangs over it, and `also` what lies inside."""

    dropped = Signal(object)

    def __init__(self, widget: QWidget, *also: QWidget) -> None:
        super().__init__(widget)
        self._glowing = (widget, *also)
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at the drag events of the widget."""
        if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            self._glow(False)
            paths = local_paths(event.mimeData())
            if paths:
                event.setDropAction(Qt.DropAction.CopyAction)
                event.accept()
                self.dropped.emit(paths)
            return True
        if isinstance(event, QDragEnterEvent | QDragMoveEvent):
            if local_paths(event.mimeData()):
                self._glow(True)
                event.setDropAction(Qt.DropAction.CopyAction)
                event.accept()
            else:
                event.ignore()
            return True
        if event.type() == QEvent.Type.DragLeave:
            self._glow(False)
        return super().eventFilter(watched, event)

    def _glow(self, hot: bool) -> None:
        for widget in self._glowing:
            set_look(widget, "hot", "true" if hot else "false")


class DropArea(QFrame):
    """An empty place that says what belongs there, with a button for those who do not drag."""

    choose_clicked = Signal()

    def __init__(self, title: str, advice: str, choose: str) -> None:
        super().__init__()
        self.setProperty("look", "drop")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        sign = Sign("drop", 40, "MUTED")
        self._title = label(title, "heading")
        self._advice = label(advice, "muted", wrap=True)
        self.choose: QPushButton = button(choose, sign="folder")
        self.choose.clicked.connect(self.choose_clicked)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(28, 24, 28, 24)
        whole.setSpacing(12)
        whole.addStretch()
        whole.addWidget(sign, 0, Qt.AlignmentFlag.AlignHCenter)
        for part in (self._title, self._advice):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
            whole.addWidget(part)
        whole.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addStretch()

    def set_words(self, title: str, advice: str) -> None:
        """Change what it says."""
        self._title.setText(title)
        self._advice.setText(advice)
