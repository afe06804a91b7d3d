"""The menu bar: everything the window can do, with its key."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from ddm_studio.gui.memory import Memory
from ddm_studio.gui.recent import Fate, RecentKind
from ddm_studio.gui.run_state import BUTTONS, PauseFace, RunState
from ddm_studio.gui.wording import pause_words, stop_words
from ddm_studio.preferences import Theme


class Menus(QObject):
    """Signals for what is chosen; actions that need a state are set by `show_state`."""

    page_chosen = Signal(str)
    open_chosen = Signal()
    project_chosen = Signal()
    recent_chosen = Signal(object)
    settings_chosen = Signal()
    theme_chosen = Signal(object)
    pause_chosen = Signal()
    stop_chosen = Signal()
    tour_chosen = Signal()
    report_chosen = Signal()
    about_chosen = Signal()

    def __init__(self, window: QMainWindow, memory: Memory) -> None:
        super().__init__(window)
        self._window = window
        self._memory = memory
        self.by_name: dict[str, QAction] = {}
        self.recent = QMenu(self.tr("Open &recent"), window)
        self.view = QMenu(self.tr("&View"), window)
        self.edit = QMenu(self.tr("&Edit"), window)
        self.help = QMenu(self.tr("&Help"), window)
        self._make_file_menu()
        window.menuBar().addMenu(self.edit)
        self._make_view_menu()
        self._make_run_menu()
        self._make_help_menu()
        memory.recent_changed.connect(self._show_recent)
        memory.preferences_changed.connect(self._show_theme)
        self._show_recent()
        self._show_theme()
        self.show_state(RunState.IDLE)

    def show_state(self, state: RunState) -> None:
        """What of a running job can be asked for now."""
        buttons = BUTTONS[state]
        pause, stop = self.by_name["pause"], self.by_name["stop"]
        pause.setText(pause_words(buttons))
        pause.setEnabled(buttons.pause_enabled and buttons.pause_face in (PauseFace.PAUSE, PauseFace.RESUME))
        stop.setText(stop_words(buttons))
        stop.setEnabled(buttons.stop_enabled)

    def add_pane(self, menu: QMenu, above: str, action: QAction, words: str, key: str) -> None:
        """Let a pane beside the pages be shown and hidden, in a menu, above another action."""
        action.setText(words)
        action.setShortcut(QKeySequence(key))
        menu.insertAction(self.by_name[above], action)

    def _make_file_menu(self) -> None:
        menu = self._window.menuBar().addMenu(self.tr("&File"))
        self._add(menu, "open", self.tr("&Open…"), self.open_chosen.emit, QKeySequence.StandardKey.Open)
        self._add(menu, "project", self.tr("Open &project…"), self.project_chosen.emit, "Ctrl+Shift+O")
        menu.addMenu(self.recent)
        menu.addSeparator()
        settings = self._add(menu, "settings", self.tr("&Settings…"), self.settings_chosen.emit, "Ctrl+,")
        settings.setMenuRole(QAction.MenuRole.PreferencesRole)
        menu.addSeparator()
        leave = self._add(menu, "quit", self.tr("&Quit"), self._window.close, "Ctrl+Q")
        leave.setMenuRole(QAction.MenuRole.QuitRole)

    def _make_view_menu(self) -> None:
        self._window.menuBar().addMenu(self.view)
        names = (self.tr("&Start"), self.tr("&Photos"), self.tr("&Calibrate"), self.tr("&Lens"), self.tr("&Deblur"))
        for number, (page, words) in enumerate(zip(("start", "photos", "calibrate", "lens", "deblur"), names, strict=True)):
            self._add(self.view, page, words, partial(self.page_chosen.emit, page), f"Ctrl+{number}")
        self.view.addSeparator()
        self._themes = QActionGroup(self)
        for theme, words in ((Theme.DARK, self.tr("Dark colours")), (Theme.LIGHT, self.tr("Light colours"))):
            action = self._add(self.view, theme.value, words, partial(self.theme_chosen.emit, theme))
            action.setCheckable(True)
            self._themes.addAction(action)
        self.view.addSeparator()
        full = self._add(self.view, "full screen", self.tr("&Full screen"), self._on_full_screen, "F11")
        full.setCheckable(True)

    def _make_run_menu(self) -> None:
        menu = self._window.menuBar().addMenu(self.tr("&Job"))
        self._add(menu, "pause", "", self.pause_chosen.emit, "Ctrl+P")
        self._add(menu, "stop", "", self.stop_chosen.emit, "Ctrl+.")

    def _make_help_menu(self) -> None:
        menu = self.help
        self._window.menuBar().addMenu(menu)
        self._add(menu, "tour", self.tr("Show the &tour"), self.tour_chosen.emit)
        menu.addSeparator()
        self._add(menu, "report", self.tr("&Copy a report for whoever helps you"), self.report_chosen.emit)
        about = self._add(menu, "about", self.tr("&About DDM Studio"), self.about_chosen.emit)
        about.setMenuRole(QAction.MenuRole.AboutRole)

    def _add(
        self, menu: QMenu, name: str, words: str, then: Callable[[], object], key: QKeySequence.StandardKey | str | None = None
    ) -> QAction:
        action = QAction(words, self._window)
        if key is not None:
            action.setShortcut(QKeySequence(key))
        _call(action, then)
        menu.addAction(action)
        self.by_name[name] = action
        return action

    def _on_full_screen(self) -> None:
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()

    def _show_recent(self) -> None:
        self.recent.clear()
        for thing in self._memory.recent:
            words = self.tr("Project {name}") if thing.kind is RecentKind.PROJECT else self.tr("Profile {name}")
            action = self.recent.addAction(words.format(name=thing.name))
            action.setEnabled(self._memory.condition(thing).fate is Fate.THERE)
            _call(action, partial(self.recent_chosen.emit, thing))
        self.recent.setEnabled(bool(self._memory.recent))

    def _show_theme(self) -> None:
        self.by_name[self._memory.preferences.theme.value].setChecked(True)


def _call(action: QAction, then: Callable[[], object]) -> None:
    action.triggered.connect(lambda: then())  # without the word whether it is checked, which signals would choke on
