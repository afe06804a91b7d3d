"""What a person does to a window: drop, drag, read."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

NO_KEYS = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton


def drop(widget: QWidget, paths: Sequence[Path]) -> bool:
    """Drag files over a widget and let go. False when the widget would not have them."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    place = widget.rect().center()
    enter = QDragEnterEvent(place, Qt.DropAction.CopyAction, data, LEFT, NO_KEYS)
    QCoreApplication.sendEvent(widget, enter)
    if not enter.isAccepted():
        return False
    fallen = QDropEvent(QPointF(place), Qt.DropAction.CopyAction, data, LEFT, NO_KEYS)
    QCoreApplication.sendEvent(widget, fallen)
    return fallen.isAccepted()


def drop_text(widget: QWidget, text: str) -> bool:
    """Drag a piece of text over a widget."""
    data = QMimeData()
    data.setText(text)
    enter = QDragEnterEvent(widget.rect().center(), Qt.DropAction.CopyAction, data, LEFT, NO_KEYS)
    QCoreApplication.sendEvent(widget, enter)
    return enter.isAccepted()


def turn_wheel(widget: QWidget, place: QPointF, notches: int) -> None:
    """Turn the mouse wheel over a place of a widget."""
    event = QWheelEvent(
        place,
        QPointF(widget.mapToGlobal(place.toPoint())),
        QPointF(0, 0).toPoint(),
        QPointF(0, 120 * notches).toPoint(),
        Qt.MouseButton.NoButton,
        NO_KEYS,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QCoreApplication.sendEvent(widget, event)
