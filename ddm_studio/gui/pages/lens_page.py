"""A lens profile: its kernels, maps, contrast, colour; compared with another; its facts edited; everything exported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from ddm_studio.errors import InputError
from ddm_studio.gui.background import Answer, BackgroundReader
from ddm_studio.gui.file_reading import OpenedProfile, export_to, open_profile, write_known_facts, write_plot
from ddm_studio.gui.plot_files import PlotFile
from ddm_studio.gui.views.colour_fringes import ColourFringes
from ddm_studio.gui.views.compare_profiles import CompareProfiles
from ddm_studio.gui.views.drop_area import DropArea, DropTaker
from ddm_studio.gui.views.elided_label import ElidedLabel
from ddm_studio.gui.views.facts_dialog import FactsDialog
from ddm_studio.gui.views.field_maps import FieldMaps
from ddm_studio.gui.views.kernels_view import KernelsView
from ddm_studio.gui.views.message_bar import Message, message_of_error
from ddm_studio.gui.views.mtf_view import MtfView
from ddm_studio.gui.views.psf_mosaic import PsfLook
from ddm_studio.gui.views.small_parts import Segments, button, label
from ddm_studio.gui.wording import with_tilde

if TYPE_CHECKING:
    from ddm_studio.profiles.edit_facts import KnownFacts

VIEWS = ("kernels", "maps", "mtf", "colour", "compare")


class LensPage(QWidget):
    """`profile_opened(OpenedProfile)` after a profile was read; `begun()` when the person does what may be answered by a `message`."""

    profile_opened = Signal(object)
    message = Signal(object)
    begun = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._reader = BackgroundReader(parent=self)
        self._reader.answered.connect(self._on_answer)
        self._opened: OpenedProfile | None = None
        self._psf: NDArray[np.float32] | None = None
        self._node = (0, 0)
        self.name = ElidedLabel(look="heading")
        self.place = ElidedLabel(look="muted")
        self.relative = label("", "muted", wrap=True)
        self.open = button(self.tr("Open profile…"), sign="folder")
        self.open.clicked.connect(self.choose)
        self.edit = button(self.tr("Edit facts…"))
        self.edit.clicked.connect(self.edit_facts)
        self.export = button(self.tr("Export"), "menu")
        self.export.setMenu(self._export_menu())
        self.empty = DropArea(
            self.tr("Drop a lens profile here"),
            self.tr("A .lens file from a calibration. A finished calibration opens here by itself."),
            self.tr("Open profile…"),
        )
        self.empty.choose_clicked.connect(self.choose)
        self.kernels = KernelsView()
        self.panel, self.node, self.numbers = self.kernels.panel, self.kernels.node, self.kernels.numbers
        self.maps, self.mtf, self.colour, self.compare = FieldMaps(), MtfView(), ColourFringes(), CompareProfiles()
        self._views = dict(zip(VIEWS, (self.kernels, self.maps, self.mtf, self.colour, self.compare), strict=True))
        self.view = Segments(
            [
                ("kernels", self.tr("Kernels")),
                ("maps", self.tr("Maps")),
                ("mtf", self.tr("MTF")),
                ("colour", self.tr("Colour shift")),
                ("compare", self.tr("Compare")),
            ],
            self.tr("View of the lens"),
        )
        self._arrange()
        self._connect()

    def open_file(self, path: Path) -> None:
        """Read a profile in the background."""
        self._reader.ask(("open", path), lambda: open_profile(path))

    def close_profile(self) -> None:
        """Invite to open one again."""
        self._opened = self._psf = None
        self._show_buttons()
        self._stack.setCurrentIndex(0)

    def choose(self) -> None:
        """Ask for a profile."""
        self._choose_for(self.open_file)

    def choose_other(self) -> None:
        """Ask for the profile to compare with."""
        self._choose_for(self.compare_with)

    def compare_with(self, path: Path) -> None:
        """Read the profile to compare with, in the background."""
        self._reader.ask(("compare", path), lambda: open_profile(path))

    def show_view(self, name: str) -> None:
        """Turn to a view: kernels, maps, mtf, colour or compare."""
        self.view.choose(name)
        self._on_view()

    def show_learning(self, psf: NDArray[np.float32], row: int, column: int) -> None:
        """Show one node of a grid that is still being learned."""
        self._opened = None
        self._psf = psf
        self.name.setText(self.tr("Still learning: the grid as it was a moment ago"))
        self.place.setText("")
        self.relative.setText("")
        self._show_buttons()
        self.show_view("kernels")
        self._stack.setCurrentIndex(1)
        self.panel.show_psf(psf)
        self.panel.show_confidence(None)
        self.numbers.show_learning(psf)
        self.show_node(row, column)

    def show_node(self, row: int, column: int) -> None:
        """Show a node large, with its numbers, and mark it in every view."""
        if self._psf is None:
            return
        self._node = (row, column)
        self.panel.mark(self._node)
        self.node.show_node(self._psf[row, column], self.kernels.look.square_root)
        self.numbers.show_node(row, column)
        for view in (self.maps, self.mtf, self.colour, self.compare):
            view.mark(row, column)

    def edit_facts(self) -> None:
        """Let the person say what the photos did not."""
        if self._opened is None:
            return
        from ddm_studio.profiles.edit_facts import known_facts

        self.dialog = FactsDialog(known_facts(self._opened.profile.facts), self)
        self.dialog.save_clicked.connect(self._on_facts)
        self.dialog.open()

    def export_file(self, path: Path) -> None:
        """Write the open profile in another format, in the background."""
        if self._opened is not None:
            profile = self._opened.profile
            self._reader.ask(("export", path), lambda: export_to(profile, path))

    def shut_down(self) -> None:
        """End the background thread."""
        self._reader.shut_down()

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.addWidget(label(self.tr("Lens"), "title"))
        head.addStretch()
        for part in (self.edit, self.export, self.open):
            head.addWidget(part)
        self._views_stack = QStackedWidget()
        for view in self._views.values():
            self._views_stack.addWidget(view)
        filled = QWidget()
        inside = QVBoxLayout(filled)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(6)
        named = QHBoxLayout()
        named.setSpacing(12)
        named.addWidget(self.name)
        named.addWidget(self.place, 1)
        inside.addLayout(named)
        inside.addWidget(self.relative)
        inside.addSpacing(2)
        inside.addWidget(self.view)
        inside.addSpacing(2)
        inside.addWidget(self._views_stack, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(filled)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 18, 24, 18)
        whole.setSpacing(10)
        whole.addLayout(head)
        whole.addWidget(self._stack, 1)
        self._show_buttons()

    def _connect(self) -> None:
        self.view.changed.connect(self._on_view)
        self.panel.look_changed.connect(self._on_look)
        self.compare.other_wanted.connect(self.choose_other)
        for chosen in (self.panel.node_chosen, self.panel.node_marked, self.maps.node_chosen, self.compare.node_chosen):
            chosen.connect(self.show_node)
        for view in (self.maps, self.mtf, self.colour, self.compare):
            view.save_requested.connect(self._on_save_plot)
        DropTaker(self, self.empty).dropped.connect(self._on_dropped)

    def _choose_for(self, use: Callable[[Path], None]) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Open a lens profile"), "", self.tr("Lens profiles (*.lens)"))
        if name:
            self.begun.emit()
            use(Path(name))

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

    def _show_buttons(self) -> None:
        """Only a profile has facts, exports and measures; a grid that is being learned has its kernels."""
        for part in (self.edit, self.export, *(self.view.button(name) for name in VIEWS[1:])):
            part.setEnabled(self._opened is not None)

    def _on_view(self) -> None:
        self._views_stack.setCurrentWidget(self._views[self.view.key])

    def _on_export(self, action: QAction) -> None:
        suffix = str(action.data())
        if self._opened is None:
            return
        start = str(self._opened.path.with_suffix(suffix))
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Export the profile"), start, f"*{suffix}")
        if name:
            self.begun.emit()
            self.export_file(Path(name) if Path(name).suffix else Path(name + suffix))

    def _on_facts(self, facts: KnownFacts, as_new: bool) -> None:
        if self._opened is None:
            return
        source = target = self._opened.path
        if as_new:
            name, _ = QFileDialog.getSaveFileName(self, self.tr("Save the profile"), str(source), self.tr("Lens profiles (*.lens)"))
            if not name:
                return
            target = Path(name).with_suffix(".lens")
        self.begun.emit()
        self._reader.ask(("facts", target), lambda: write_known_facts(source, target, facts))

    def _on_save_plot(self, file: PlotFile) -> None:
        self.begun.emit()
        self._reader.ask(("plot", file.path), lambda: write_plot(file))

    def _on_dropped(self, paths: list[Path]) -> None:
        self.begun.emit()
        profiles = [path for path in paths if path.suffix.lower() == ".lens"]
        if not profiles:
            advice = self.tr("Drop a file that ends in .lens")
            self.message.emit(message_of_error(InputError(self.tr("This is not a lens profile"), "", advice)))
        elif self._opened is not None and self.view.key == "compare":
            self.compare_with(profiles[0])
        else:
            self.open_file(profiles[0])

    def _on_look(self, look: PsfLook) -> None:
        self.kernels.look = look
        self.show_node(*self._node)

    def _on_answer(self, answer: Answer) -> None:
        what, path = cast("tuple[str, Path]", answer.key)
        if answer.error is not None:
            self.message.emit(message_of_error(answer.error))
            return
        match what:
            case "open":
                self._show_opened(cast("OpenedProfile", answer.value))
            case "compare":
                self.compare.show_other(cast("OpenedProfile", answer.value))
            case "facts":
                self.message.emit(Message(self.tr("The facts were written to {path}").format(path=path), is_error=False))
                self.open_file(path)
                if self.compare.other_path == path:
                    self.compare_with(path)
            case "plot":
                self.message.emit(Message(self.tr("The plot was saved to {path}").format(path=path), is_error=False))
            case _:
                self.message.emit(Message(self.tr("The profile was exported to {path}").format(path=path), is_error=False))

    def _show_opened(self, opened: OpenedProfile) -> None:
        self._opened, self._psf = opened, opened.profile.psf
        self.name.setText(opened.title)
        self.place.setText(with_tilde(opened.path))
        self.place.setToolTip(str(opened.path))
        self.relative.setText(opened.relative_to)
        self._show_buttons()
        self._stack.setCurrentIndex(1)
        self.panel.show_psf(self._psf)
        self.panel.show_confidence(opened.profile.confidence)
        self.numbers.show_profile(opened)
        for view in (self.maps, self.mtf, self.colour, self.compare):
            view.show_profile(opened)
        rows, columns = self._psf.shape[:2]
        self.show_node(min(self._node[0], rows - 1), min(self._node[1], columns - 1))
        self.profile_opened.emit(opened)
