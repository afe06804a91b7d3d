"""The pages, and what is running, whichever page is shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from ddm_studio.bundled import bundled_file
from ddm_studio.events import Progress
from ddm_studio.gui.icons import icon
from ddm_studio.gui.run_state import JobKind, RunState
from ddm_studio.gui.views.small_parts import button, label
from ddm_studio.gui.wording import job_words, time_left

PAGES = ("start", "photos", "calibrate", "lens", "deblur")


class Sidebar(QFrame):
    """`page_chosen(index)`."""

    page_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sidebar")
        self.setFixedWidth(176)
        self._group = QButtonGroup(self)
        self._job = label("", "small")
        self._left = label("", "small", wrap=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress of the running job"))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 18, 12, 16)
        whole.setSpacing(4)
        whole.addLayout(self._brand())
        whole.addSpacing(18)
        self.pages = QWidget()
        buttons = QVBoxLayout(self.pages)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(4)
        names = (self.tr("Start"), self.tr("Photos"), self.tr("Calibrate"), self.tr("Lens"), self.tr("Deblur"))
        for index, (sign, name) in enumerate(zip(PAGES, names, strict=True)):
            page = button(name, "page")
            page.setIcon(icon(sign, "MUTED", checked="ACCENT"))
            page.setCheckable(True)
            page.setToolTip(self.tr("{name} (Ctrl+{number})").format(name=name, number=index))
            self._group.addButton(page, index)
            buttons.addWidget(page)
        whole.addWidget(self.pages)
        whole.addStretch()
        for part in (self._job, self._bar, self._left):
            whole.addWidget(part)
        self._group.idClicked.connect(self.page_chosen)
        self.show_state(RunState.IDLE, None)

    def show_page(self, index: int) -> None:
        """Mark a page silently. The focus, where it is on another page's name or nowhere yet, comes along."""
        focus = self.window().focusWidget()
        if focus is None or focus in self._group.buttons():
            self._group.button(index).setFocus(Qt.FocusReason.OtherFocusReason)
        self._group.button(index).setChecked(True)

    def show_state(self, state: RunState, kind: JobKind | None) -> None:
        """What is running."""
        busy = state is not RunState.IDLE and kind is not None
        for part in (self._job, self._bar, self._left):
            part.setVisible(busy)
        if not busy or kind is None:
            self._bar.setRange(0, 0)
            self._left.setText("")
            return
        words = {
            RunState.PAUSING: self.tr("pausing…"),
            RunState.PAUSED: self.tr("paused"),
            RunState.RESUMING: self.tr("resuming…"),
            RunState.STOPPING: self.tr("stopping…"),
        }
        if state is RunState.PAUSED:
            self._left.setText("")
        self._job.setText(f"{job_words(kind)} · {words[state]}" if state in words else job_words(kind))

    def show_progress(self, progress: Progress) -> None:
        """How far the stage is."""
        self._bar.setRange(0, max(progress.total_steps, 1))
        self._bar.setValue(progress.step)
        self._left.setText(time_left(progress.seconds_left))

    def _brand(self) -> QHBoxLayout:
        sign = QLabel()
        picture = QPixmap(str(bundled_file("icons/ddm-studio.png")))
        shown = picture.scaled(60, 60, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        shown.setDevicePixelRatio(2)
        sign.setPixmap(shown)
        sign.setAccessibleName(self.tr("Logo"))
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(sign)
        line.addWidget(label("DDM Studio", "heading"))
        line.addStretch()
        return line
