"""The pages, and what is running, whichever page is shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from ddm_studio.bundled import bundled_file
from ddm_studio.events import Event
from ddm_studio.gui.icons import icon
from ddm_studio.gui.job_progress import JobProgress
from ddm_studio.gui.run_state import JobKind, RunState
from ddm_studio.gui.views.small_parts import button, label
from ddm_studio.gui.wording import job_words

PAGES = ("start", "photos", "calibrate", "lens", "deblur")
_PARTS = 1000


class Sidebar(QFrame):
    """`page_chosen(index)`."""

    page_chosen = Signal(int)
    wide, narrow = 176, 62
    """px, with the pages' names and with their signs alone."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sidebar")
        self.setFixedWidth(self.wide)
        self._is_narrow, self._is_busy = False, False
        self._group = QButtonGroup(self)
        self._progress = JobProgress()
        self._job = label("", "small", wrap=True)
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
        self._is_busy = state is not RunState.IDLE and kind is not None
        self._show_parts()
        if not self._is_busy or kind is None:
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

    def show_narrow(self, is_narrow: bool) -> None:
        """Show the signs of the pages alone, or with their names."""
        if is_narrow == self._is_narrow:
            return
        self._is_narrow = is_narrow
        self.setFixedWidth(self.narrow if is_narrow else self.wide)
        for page in self._group.buttons():
            page.setText("" if is_narrow else page.accessibleName())
        self._show_parts()

    def _show_parts(self) -> None:
        self._name.setVisible(not self._is_narrow)
        self._bar.setVisible(self._is_busy)
        for words in (self._job, self._left):
            words.setVisible(self._is_busy and not self._is_narrow)

    def begin(self, in_parts: bool) -> None:
        """A job starts, of several parts or not (see `JobProgress`)."""
        self._progress = JobProgress(in_parts)
        self._show_progress()

    def show_event(self, event: Event) -> None:
        """How far the job is."""
        if self._progress.take(event):
            self._show_progress()

    def _show_progress(self) -> None:
        share = self._progress.share
        self._bar.setRange(0, 0 if share is None else _PARTS)
        self._bar.setValue(round(_PARTS * (share or 0.0)))
        self._left.setText("\n".join(self._progress.told))
        self._left.setToolTip(self._progress.what)

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
        self._name = label("DDM Studio", "heading")
        line.addWidget(self._name)
        line.addStretch()
        return line
