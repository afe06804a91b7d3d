"""A lens profile: its grid, one node large, numbers, facts, export."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QMenu, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from ddm_studio.errors import InputError
from ddm_studio.gui.background import Answer, BackgroundReader
from ddm_studio.gui.file_reading import OpenedProfile, export_to, open_profile
from ddm_studio.gui.views.drop_area import DropArea, DropTaker
from ddm_studio.gui.views.grid_panel import GridPanel
from ddm_studio.gui.views.message_bar import Message, message_of_error
from ddm_studio.gui.views.node_view import NodeView
from ddm_studio.gui.views.numbers_view import NumbersView
from ddm_studio.gui.views.psf_mosaic import PsfLook
from ddm_studio.gui.views.small_parts import button, label


class LensPage(QWidget):
    """`profile_opened(OpenedProfile)` after a profile was read."""

    profile_opened = Signal(object)
    message = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._reader = BackgroundReader(parent=self)
        self._reader.answered.connect(self._on_answer)
        self._opened: OpenedProfile | None = None
        self._psf: NDArray[np.float32] | None = None
        self._node = (0, 0)
        self._look = PsfLook()
        self.name = label("", "heading")
        self.relative = label("", "muted", wrap=True)
        self.open = button(self.tr("Open profile…"), sign="folder")
        self.open.clicked.connect(self.choose)
        self.export = button(self.tr("Export"), "menu")
        self.export.setMenu(self._export_menu())
        self.empty = DropArea(
            self.tr("Drop a lens profile here"),
            self.tr("A .lens file from a calibration. A finished calibration opens here by itself."),
            self.tr("Open profile…"),
        )
        self.empty.choose_clicked.connect(self.choose)
        self.panel = GridPanel("")
        self.panel.node_chosen.connect(self.show_node)
        self.panel.node_marked.connect(self.show_node)
        self.panel.look_changed.connect(self._on_look)
        self.node = NodeView()
        self.numbers = NumbersView()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._filled())
        self._arrange()
        DropTaker(self, self.empty).dropped.connect(self._on_dropped)

    def open_file(self, path: Path) -> None:
        """Read a profile in the background."""
        self._reader.ask(("open", path), lambda: open_profile(path))

    def choose(self) -> None:
        """Ask for a profile."""
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Open a lens profile"), "", self.tr("Lens profiles (*.lens)"))
        if name:
            self.open_file(Path(name))

    def show_learning(self, psf: NDArray[np.float32], row: int, column: int) -> None:
        """Show one node of a grid that is still being learned."""
        self._opened = None
        self._psf = psf
        self.name.setText(self.tr("Still learning: the grid as it was a moment ago"))
        self.relative.setText("")
        self.export.setEnabled(False)
        self._stack.setCurrentIndex(1)
        self.panel.show_psf(psf)
        self.numbers.show_learning(psf)
        self.show_node(row, column)

    def show_node(self, row: int, column: int) -> None:
        """Show a node large, with its numbers."""
        if self._psf is None:
            return
        self._node = (row, column)
        self.panel.mark(self._node)
        self.node.show_node(self._psf[row, column], self._look.square_root)
        self.numbers.show_node(row, column)

    def shut_down(self) -> None:
        """End the background thread."""
        self._reader.shut_down()

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.addWidget(label(self.tr("Lens"), "title"))
        head.addStretch()
        head.addWidget(self.export)
        head.addWidget(self.open)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 18, 24, 18)
        whole.setSpacing(10)
        whole.addLayout(head)
        whole.addWidget(self._stack, 1)
        self.export.setEnabled(False)

    def _filled(self) -> QWidget:
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.numbers)
        facts = QFrame()
        facts.setProperty("look", "card")
        facts.setFixedWidth(296)
        inside = QVBoxLayout(facts)
        inside.setContentsMargins(14, 12, 8, 12)
        inside.addWidget(scroll)
        parts = QHBoxLayout()
        parts.setSpacing(14)
        parts.addWidget(self.panel, 5)
        parts.addWidget(self.node, 3)
        parts.addWidget(facts)
        page = QWidget()
        whole = QVBoxLayout(page)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addWidget(self.name)
        whole.addWidget(self.relative)
        whole.addLayout(parts, 1)
        return page

    def _export_menu(self) -> QMenu:
        menu = QMenu(self)
        for suffix, words in (
            (".npz", self.tr("NumPy arrays (NPZ)…")),
            (".tiff", self.tr("Kernels as pages (TIFF)…")),
            (".png", self.tr("Picture of the grid (PNG)…")),
            (".json", self.tr("Numbers as text (JSON)…")),
        ):
            action = menu.addAction(words)
            action.setData(suffix)
        menu.triggered.connect(self._on_export)
        return menu

    def _on_export(self, action: QAction) -> None:
        suffix = str(action.data())
        if self._opened is None:
            return
        start = str(self._opened.path.with_suffix(suffix))
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Export the profile"), start, f"*{suffix}")
        if name:
            self.export_file(Path(name) if Path(name).suffix else Path(name + suffix))

    def export_file(self, path: Path) -> None:
        """Write the open profile in another format, in the background."""
        if self._opened is not None:
            profile = self._opened.profile
            self._reader.ask(("export", path), lambda: export_to(profile, path))

    def _on_dropped(self, paths: list[Path]) -> None:
        profiles = [path for path in paths if path.suffix.lower() == ".lens"]
        if profiles:
            self.open_file(profiles[0])
        else:
            advice = self.tr("Drop a file that ends in .lens")
            self.message.emit(message_of_error(InputError(self.tr("This is not a lens profile"), "", advice)))

    def _on_look(self, look: PsfLook) -> None:
        self._look = look
        self.show_node(*self._node)

    def _on_answer(self, answer: Answer) -> None:
        what, path = cast("tuple[str, Path]", answer.key)
        if answer.error is not None:
            self.message.emit(message_of_error(answer.error))
        elif what == "export":
            self.message.emit(Message(self.tr("The profile was exported to {path}").format(path=path), is_error=False))
        else:
            self._show_opened(cast("OpenedProfile", answer.value))

    def _show_opened(self, opened: OpenedProfile) -> None:
        self._opened, self._psf = opened, opened.profile.psf
        self.name.setText(str(opened.path))
        self.relative.setText(self._relative_words(opened))
        self.export.setEnabled(True)
        self._stack.setCurrentIndex(1)
        self.panel.show_psf(self._psf)
        self.numbers.show_profile(opened)
        rows, columns = self._psf.shape[:2]
        self.show_node(min(self._node[0], rows - 1), min(self._node[1], columns - 1))
        self.profile_opened.emit(opened)

    def _relative_words(self, opened: OpenedProfile) -> str:
        if not opened.profile.facts.sharp_photos:
            return self.tr("A grid from elsewhere: what its blur is relative to is not recorded.")
        return self.tr(
            "This is the blur of the blurry photos relative to the sharp ones, with demosaicing and sharpening included; "
            "each node is centred, so distortion is not in it."
        )
