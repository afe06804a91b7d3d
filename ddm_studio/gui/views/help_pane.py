"""Help on the page that is shown, beside it. The texts are Markdown files, a folder for each language."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QLocale, Qt, QUrl, Signal
from PySide6.QtWidgets import QDockWidget, QTextBrowser, QVBoxLayout, QWidget

from ddm_studio.bundled import bundled_file


def help_file(page: str, language: str) -> Path:
    """The text about a page in a language such as "de", or in English where there is none."""
    try:
        return bundled_file(f"help/{language}/{page}.md")
    except FileNotFoundError:
        return bundled_file(f"help/en/{page}.md")


class HelpPane(QDockWidget):
    """Follows the pages. `page_wanted(name)` when a link to another page is clicked."""

    page_wanted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("help")
        self.setWindowTitle(self.tr("Help"))
        self.setAllowedAreas(Qt.DockWidgetArea.LeftDockWidgetArea | Qt.DockWidgetArea.RightDockWidgetArea)
        self.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable | QDockWidget.DockWidgetFeature.DockWidgetMovable)
        self._page = ""
        self.text = QTextBrowser()
        self.text.setOpenLinks(False)
        self.text.setAccessibleName(self.tr("Help on this page"))
        self.text.document().setDocumentMargin(14)
        self.text.anchorClicked.connect(self._on_link)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.text)
        inside.setMinimumWidth(280)
        self.setWidget(inside)
        self.hide()

    def show_page(self, page: str) -> None:
        """Show the text about a page; called for every page, seen or not."""
        if page != self._page:
            self._page = page
            language = QLocale().name().split("_")[0]
            self.text.setMarkdown(help_file(page, language).read_text(encoding="utf-8"))

    def changeEvent(self, event: QEvent) -> None:
        """Links are drawn in the colours of the theme in which the text was set."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._page:
            page, self._page = self._page, ""
            self.show_page(page)

    def _on_link(self, link: QUrl) -> None:
        self.page_wanted.emit(link.toString())
