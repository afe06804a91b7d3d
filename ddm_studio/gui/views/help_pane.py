"""Help on the page that is shown, beside it. The texts are Markdown files, a folder for each language."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QLocale, Qt, QUrl, Signal
from PySide6.QtGui import QTextBlockFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QMainWindow, QTextBrowser, QVBoxLayout, QWidget

from ddm_studio.bundled import bundled_file
from ddm_studio.gui.views.side_pane import SidePane


def help_file(page: str, language: str) -> Path:
    """The text about a page in a language such as "de", or in English where there is none."""
    try:
        return bundled_file(f"help/{language}/{page}.md")
    except FileNotFoundError:
        return bundled_file(f"help/en/{page}.md")


def _space_out(document: QTextDocument) -> None:
    """Room between paragraphs: Markdown comes without."""
    block = document.begin()
    while block.isValid():
        cursor = QTextCursor(block)
        shape = block.blockFormat()
        shape.setBottomMargin(3 if block.textList() is not None else 9)
        shape.setLineHeight(125, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor.setBlockFormat(shape)
        block = block.next()


class HelpPane(SidePane):
    """Follows the pages. `page_wanted(name)` when a link to another page is clicked."""

    page_wanted = Signal(str)
    least, best = 250, 340
    """px: widths that can be read, and that are read with comfort."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window, "help")
        self.setWindowTitle(self.tr("Help"))
        self.setAllowedAreas(Qt.DockWidgetArea.LeftDockWidgetArea | Qt.DockWidgetArea.RightDockWidgetArea)
        self._page = ""
        self.text = QTextBrowser()
        self.text.setOpenLinks(False)
        self.text.setAccessibleName(self.tr("Help on this page"))
        self.text.document().setDocumentMargin(14)
        self.text.document().setIndentWidth(24)  # of lists, in a narrow column
        self.text.anchorClicked.connect(self._on_link)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.text)
        inside.setMinimumWidth(self.least)
        self.setWidget(inside)
        self.setFocusProxy(self.text)

    def show_page(self, page: str) -> None:
        """Show the text about a page; called for every page, seen or not."""
        if page != self._page:
            self._page = page
            language = QLocale().name().split("_")[0]
            self.text.setMarkdown(help_file(page, language).read_text(encoding="utf-8"))
            _space_out(self.text.document())

    def changeEvent(self, event: QEvent) -> None:
        """Links are drawn in the colours of the theme in which the text was set."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._page:
            page, self._page = self._page, ""
            self.show_page(page)

    def _on_link(self, link: QUrl) -> None:
        self.page_wanted.emit(link.toString())
