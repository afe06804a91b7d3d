"""Blurry | Wiener | DPIR | DiffPIR side by side under one zoom and pan."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ddm_studio.events import DeblurPreview, ResultReblurred
from ddm_studio.gui.pictures import to_image
from ddm_studio.gui.views.picture_view import PictureView, Viewport
from ddm_studio.gui.views.small_parts import button, label, row, set_look
from ddm_studio.gui.wording import method_words
from ddm_studio.settings import ANY_LENS_METHODS, Method

METHODS = ANY_LENS_METHODS


class _Pane(QFrame):
    """One picture with its name above and its seconds below."""

    clicked = Signal()

    def __init__(self, name: str, words: str, viewport: Viewport) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self.name = label(name, "heading")
        self.words = label(words, "small", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setFixedHeight(36)
        self.view = PictureView(name, viewport)
        self.view.clicked.connect(self.clicked)
        self.status = label("", "small")
        self.chosen = label("", "good")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(10, 8, 10, 8)
        whole.setSpacing(4)
        head = row(self.name)
        head.addStretch()
        head.addWidget(self.chosen)
        whole.addLayout(head)
        whole.addWidget(self.words)
        whole.addWidget(self.view, 1)
        whole.addWidget(self.status)


class CompareView(QWidget):
    """`method_chosen(Method)` when a restored picture is clicked."""

    method_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.viewport = Viewport(self)
        self._final: set[Method] = set()
        self.blurry = _Pane(self.tr("Blurry"), self.tr("The photo as it is."), self.viewport)
        self.panes: dict[Method, _Pane] = {}
        panes = QHBoxLayout()
        panes.setSpacing(8)
        panes.addWidget(self.blurry, 1)
        for method in METHODS:
            pane = _Pane(*method_words(method), self.viewport)
            pane.setProperty("method", method.value)
            pane.clicked.connect(self._on_pane_clicked)
            self.panes[method] = pane
            panes.addWidget(pane, 1)
        self._zoom_label = label(self.tr("Fit"), "small")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addLayout(panes, 1)
        whole.addLayout(self._zoom_tools())
        self.viewport.changed.connect(self._show_zoom)
        self.show_chosen(Method.WIENER)
        self.start(None)

    def start(self, blurry: QImage | None, running: bool = False) -> None:
        """Forget the results; show the blurry crop."""
        self._final.clear()
        self.blurry.view.show_levels([] if blurry is None else [blurry])
        self.blurry.view.set_hint(self.tr("Press Compare to see this crop restored three ways."))
        self.blurry.status.setText("" if blurry is None else f"{blurry.width()} × {blurry.height()} px")
        for pane in self.panes.values():
            pane.view.show_levels([])
            pane.view.set_hint(self.tr("Waiting for its turn…") if running else "")
            pane.status.setText("")
            pane.status.setToolTip("")
        if blurry is None:
            self.viewport.fit()
        else:  # photo pixels as screen pixels: sharpness is judged, not composition
            self.viewport.look_at(QPointF(blurry.width() / 2, blurry.height() / 2), 1.0)

    def show_preview(self, preview: DeblurPreview) -> None:
        """A picture of one method, on its way or final."""
        if preview.method == "blurry":
            self.blurry.view.show_levels([to_image(preview.image)])
            return
        method = Method(preview.method)
        pane = self.panes[method]
        pane.view.show_levels([to_image(preview.image)])
        if preview.final:
            self._final.add(method)
            pane.status.setText(self.tr("{seconds:.1f} s").format(seconds=preview.seconds))
        else:
            pane.status.setText(self.tr("{seconds:.0f} s, still working…").format(seconds=preview.seconds))

    def show_residual(self, residual: ResultReblurred) -> None:
        """How far one method's final result, blurred again, is from the photo."""
        status = self.panes[Method(residual.method)].status
        sign = "⚠ " if residual.doubt else ""
        words = self.tr("{sign}blurred again: {ratio:.1f} × noise from your photo").format(sign=sign, ratio=residual.ratio)
        status.setText(f"{status.text()} · {words}")
        status.setToolTip(residual.message)

    def end(self) -> None:
        """No more pictures will come."""
        for method, pane in self.panes.items():
            if method not in self._final:
                pane.view.set_hint(self.tr("Not finished."))
                pane.status.setText(self.tr("not finished"))

    def show_chosen(self, method: Method) -> None:
        """Mark the method that the full photo will be deblurred with."""
        for one, pane in self.panes.items():
            pane.chosen.setText(self.tr("● chosen") if one is method else "")
            set_look(pane, "chosen", "true" if one is method else "false")

    def _zoom_tools(self) -> QHBoxLayout:
        fit = button(self.tr("Fit"))
        fit.clicked.connect(self.viewport.fit)
        tools = row(label(self.tr("Zoom"), "small"), fit)
        for percent in (100, 200, 400):
            one = button(f"{percent} %", name=self.tr("Zoom to {percent} percent").format(percent=percent))
            one.setProperty("percent", percent)
            one.clicked.connect(self._on_percent)
            tools.addWidget(one)
        tools.addWidget(self._zoom_label)
        tools.addStretch()
        tools.addWidget(label(self.tr("Wheel zooms, drag pans, all four together. Click a result to choose it."), "small"))
        return tools

    def _on_percent(self) -> None:
        zoom = int(self.sender().property("percent")) / 100
        self.viewport.look_at(self.blurry.view.centre(), zoom)

    def _show_zoom(self) -> None:
        zoom = self.viewport.zoom
        self._zoom_label.setText("" if zoom is None else f"{zoom:.0%}".replace("%", " %"))

    def _on_pane_clicked(self) -> None:
        self.method_chosen.emit(Method(str(self.sender().property("method"))))
