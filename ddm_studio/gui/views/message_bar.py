"""One message at a time above the page: what happened, why, what to try; a report for whoever helps one click away.

A message belongs to what caused it. Most answer what a person has just done, and go as soon as they do something else that could be
answered: drop, open or choose something, start a job, turn to another page (`MessageBar.go_on`). What happened by itself may meet
nobody: it `stays`. A job that failed is told until that is dismissed or the person starts one of the same kind again, warnings of a job
until they are dismissed or the person starts any job (`MessageBar.begin`). Answers stand in front of it meanwhile; it comes back when
they go.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout

from ddm_studio.errors import StudioError, sentence
from ddm_studio.events import RunFailed
from ddm_studio.gui.icons import Sign, icon
from ddm_studio.gui.run_state import JobKind
from ddm_studio.gui.views.small_parts import button, label, set_look
from ddm_studio.gui.wording import failure_words


@dataclass(frozen=True, slots=True)
class Message:
    """What a person is told; `details` is for whoever helps them.

    `stays` where it answers nothing that the person has just done; then `job` is the kind of job that it tells of, if any.
    """

    what: str
    why: str = ""
    advice: str = ""
    details: str = ""
    is_error: bool = True
    is_warning: bool = False
    stays: bool = False
    job: JobKind | None = None

    @property
    def sentences(self) -> str:
        """All of it but the details."""
        return " ".join(sentence(part) for part in (self.what, self.why, self.advice) if part)


def message_of_failure(failed: RunFailed, job: JobKind) -> Message:
    """The words of a job that raised."""
    return Message(*failure_words(failed), failed.details, stays=True, job=job)


def message_of_error(error: Exception, details: str = "") -> Message:
    """The words of an error met in the window; its details are where it was raised, unless others are given."""
    if not details and error.__traceback__ is not None:
        details = "".join(traceback.format_exception(error))
    if isinstance(error, StudioError):
        return Message(error.what, error.why, error.advice, details)
    return Message(str(error) or type(error).__name__, details=details)


class MessageBar(QFrame):
    """Hidden until something is to be said.

    Args:
        report: Makes the text to copy for whoever helps.
    """

    def __init__(self, report: Callable[[Message], str]) -> None:
        super().__init__()
        self.setObjectName("messageBar")
        self._report = report
        self._message = Message("", is_error=False)
        self._standing: Message | None = None
        self._sign = Sign("note", 22)
        self.what = label("", "heading", wrap=True)
        self.why = label("", wrap=True)
        self.advice = label("", wrap=True)
        for part in (self.what, self.why, self.advice):
            part.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.details_button = button(self.tr("Details"), "link")
        self.details_button.clicked.connect(self._toggle_details)
        self.copy_button = button(self.tr("Copy report"), "link")
        self.copy_button.clicked.connect(self._copy)
        self.close_button = button("", "link", name=self.tr("Dismiss the message"))
        self.close_button.setIcon(icon("close"))
        self.close_button.clicked.connect(self._dismiss)
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setMinimumHeight(50)
        self.details.setMaximumHeight(150)
        self.details.setAccessibleName(self.tr("Details of the error"))
        self._arrange()
        self.hide()

    def show_message(self, message: Message) -> None:
        """Say something, in front of what was said before."""
        self._message = message
        if message.stays:
            self._standing = message
        tone, sign, role = _tone(message)
        set_look(self, "tone", tone)
        self._sign.show_sign(sign, role)
        for part, text in ((self.what, message.what), (self.why, message.why), (self.advice, message.advice)):
            part.setText(sentence(text))
            part.setVisible(bool(text))
        self.details.hide()
        self.details_button.setText(self.tr("Details"))
        self.copy_button.setText(self.tr("Copy report"))
        for link in (self.details_button, self.copy_button):
            link.setVisible(message.is_error or bool(message.details))
        self.setAccessibleName(message.sentences)
        self.show()

    def go_on(self) -> None:
        """The person does something else: an answer to what they did before goes."""
        if not self._message.stays:
            self._fall_back()

    def begin(self, job: JobKind) -> None:
        """The person starts a job: what was told of earlier ones is out of date, but for failures of other kinds."""
        told = self._standing
        if told is not None and told.job is not None and (told.job is job or not told.is_error):
            self._standing = None
            if self._message is told:
                self.hide()
        self.go_on()

    def _dismiss(self) -> None:
        if self._message is self._standing:
            self._standing = None
        self._fall_back()

    def _fall_back(self) -> None:
        """To what stays, if anything does."""
        if self._standing is not None:
            self.show_message(self._standing)
        else:
            self.hide()

    def _arrange(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(3)
        for part in (self.what, self.why, self.advice):
            words.addWidget(part)
        links = QHBoxLayout()
        links.addWidget(self.details_button)
        links.addWidget(self.copy_button)
        links.addStretch()
        words.addLayout(links)
        words.addWidget(self.details)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(14, 10, 10, 8)
        whole.setSpacing(12)
        whole.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        whole.addLayout(words, 1)
        whole.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)

    def _toggle_details(self) -> None:
        self.details.setPlainText(self._report(self._message))
        self.details.setVisible(not self.details.isVisible())
        self.details_button.setText(self.tr("Hide details") if self.details.isVisible() else self.tr("Details"))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report(self._message))
        self.copy_button.setText(self.tr("Copied"))


def _tone(message: Message) -> tuple[str, str, str]:
    """Look of the bar, its sign, and the role of the sign's colour."""
    if message.is_error:
        return "error", "warning", "ERROR"
    return ("warning", "warning", "WARNING") if message.is_warning else ("note", "note", "ACCENT")
