"""A plot with its title and a way to keep it: as a picture, a drawing, or its numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from ddm_studio.gui.plot_files import Table, plot_file
from ddm_studio.gui.save_dialog import ask_where_to_save
from ddm_studio.gui.views.elided_label import ElidedLabel
from ddm_studio.gui.views.small_parts import button


class PlotFrame(QWidget):
    """`save_requested(PlotFile)`: whoever owns the frame writes it, off the window's thread.

    Args:
        title: What the plot shows.
        plot: The plot.
        table: Its numbers as they are now.
        file_name: Suggested for its files, without suffix.
    """

    save_requested = Signal(object)

    def __init__(self, title: str, plot: QWidget, table: Callable[[], Table], file_name: str) -> None:
        super().__init__()
        self._plot = plot
        self._table = table
        self._file_name = file_name
        self._subject = ""
        self._file_title = ""
        self.title = ElidedLabel(title, "heading")
        self.menu = self._make_menu()
        self.save = button(self.tr("Save"), "menu", name=self.tr("Save this plot: {title}").format(title=title))
        self.save.setMenu(self.menu)
        plot.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        plot.customContextMenuRequested.connect(self._on_context_menu)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.save)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(head)
        whole.addWidget(plot, 1)

    def set_title(self, title: str, in_files: str = "") -> None:
        """Say what is shown now; files may need more words, as nothing stands around them."""
        self.title.setText(title)
        self._file_title = in_files

    def set_subject(self, name: str) -> None:
        """Of what: the lens, whose name stands in files only."""
        self._subject = name

    @property
    def file_title(self) -> str:
        """What stands above the plot in a picture or a drawing."""
        return "  ·  ".join(filter(None, (self._file_title or self.title.text(), self._subject)))

    def save_to(self, path: Path) -> None:
        """Ask for the plot to be written; the suffix names the format: .png, .svg or .csv."""
        self.save_requested.emit(plot_file(path, self._plot, self._table, self.file_title))

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        for suffix, words in (
            (".png", self.tr("Picture (PNG)…")),
            (".svg", self.tr("Drawing (SVG)…")),
            (".csv", self.tr("Numbers (CSV)…")),
        ):
            menu.addAction(words).setData(suffix)
        menu.triggered.connect(self._on_chosen)
        return menu

    def _on_context_menu(self, place: QPoint) -> None:
        self.menu.popup(self._plot.mapToGlobal(place))

    def _on_chosen(self, action: QAction) -> None:
        suffix = str(action.data())
        path = ask_where_to_save(self, self.tr("Save the plot"), self._file_name + suffix)
        if path is not None:
            self.save_to(path)
