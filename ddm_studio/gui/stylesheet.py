"""The stylesheet: one for both themes, filled with the colours of one."""

from __future__ import annotations

from ddm_studio.gui.colours import Colours


def stylesheet(c: Colours, down: str, up: str) -> str:
    """Every rule, in the colours `c`; `down` and `up` are the files of the style's arrows."""
    return "\n".join((_text_and_cards(c), _buttons(c, down), _fields(c, down, up), _menus_and_docks(c), _lists(c)))


def _text_and_cards(c: Colours) -> str:
    return f"""
QToolTip {{ background: {c.hover}; color: {c.text}; border: 1px solid {c.border}; padding: 4px 6px; }}
QLabel {{ background: transparent; }}
QLabel[look="title"] {{ font-size: 21px; font-weight: 600; }}
QLabel[look="heading"] {{ font-size: 15px; font-weight: 600; }}
QLabel[look="muted"] {{ color: {c.muted}; }}
QLabel[look="small"] {{ color: {c.muted}; font-size: 12px; }}
QLabel[look="warning"] {{ color: {c.warning}; }}
QLabel[look="strong"] {{ font-weight: 600; }}
QLabel[look="number"] {{ font-size: 15px; font-weight: 600; }}
QLabel[look="red"] {{ color: {c.red}; font-weight: 600; }}
QLabel[look="green"] {{ color: {c.green}; font-weight: 600; }}
QLabel[look="blue"] {{ color: {c.blue}; font-weight: 600; }}
QLabel[look="done"] {{ color: {c.accent}; font-size: 15px; font-weight: 600; }}
QLabel[look="failed"] {{ color: {c.warning}; font-size: 15px; font-weight: 600; }}
QLabel[look="good"] {{ color: {c.accent}; }}
QLabel[look="hint"] {{ color: {c.faint}; font-size: 12px; background: {c.canvas}; border-radius: 8px; }}
QFrame[look="card"] {{ background: {c.card}; border: 1px solid {c.edge}; border-radius: 10px; }}
QFrame[look="drop"] {{ background: {c.card}; border: 2px dashed {c.border}; border-radius: 12px; }}
QFrame[look="drop"][hot="true"] {{ border-color: {c.accent}; background: {c.hot}; }}
QFrame[look="card"][hot="true"] {{ border: 1px solid {c.accent}; background: {c.hot}; }}
QFrame[look="card"][chosen="true"] {{ border-color: {c.accent}; }}
QFrame#sidebar {{ background: {c.sidebar}; }}
QFrame#centre {{ border: 2px solid transparent; }}
QFrame#centre[hot="true"] {{ border-color: {c.accent}; }}
QFrame#bubble {{ background: {c.field}; border: 2px solid {c.accent}; border-radius: 10px; }}
QFrame#messageBar {{ background: {c.error_ground}; border: 1px solid {c.error_edge}; border-radius: 10px; }}
QFrame#demoBar {{ background: {c.note_ground}; border: 1px solid {c.note_edge}; border-radius: 8px; }}
QFrame#messageBar[tone="note"] {{ background: {c.note_ground}; border-color: {c.note_edge}; }}
QFrame#messageBar[tone="warning"] {{ background: {c.warning_ground}; border-color: {c.warning_edge}; }}
"""


def _buttons(c: Colours, down: str) -> str:
    return f"""
QPushButton {{ background: {c.field}; border: 1px solid {c.border}; border-radius: 7px; padding: 6px 13px; min-height: 18px; }}
QPushButton:hover {{ background: {c.hover}; }}
QPushButton:pressed {{ background: {c.card}; }}
QPushButton:focus {{ border: 2px solid {c.accent}; padding: 5px 12px; }}
QPushButton:disabled {{ background: {c.card}; color: {c.faint}; border-color: {c.edge}; }}
QPushButton[look="primary"] {{ background: {c.accent}; color: {c.on_accent}; border-color: {c.accent}; font-weight: 600; }}
QPushButton[look="primary"]:hover {{ background: {c.accent_hover}; }}
QPushButton[look="primary"]:focus {{ border: 3px double {c.on_accent}; padding: 4px 11px; }}
QPushButton[look="primary"]:disabled {{ background: {c.field}; color: {c.faint}; border-color: {c.border}; }}
QPushButton[look="link"] {{
    background: transparent; border: 1px solid transparent; border-radius: 4px; color: {c.accent}; padding: 2px 3px; text-align: left;
}}
QPushButton[look="link"]:hover {{ color: {c.accent_hover}; text-decoration: underline; }}
QPushButton[look="link"]:focus {{ border: 1px solid {c.accent}; padding: 2px 3px; }}
QPushButton[look="link"]:disabled {{ color: {c.faint}; }}
QPushButton[look="segment"] {{ border-radius: 0; padding: 4px 10px; margin-right: -1px; }}
QPushButton[look="segment"][place="first"] {{ border-top-left-radius: 7px; border-bottom-left-radius: 7px; }}
QPushButton[look="segment"][place="last"] {{ border-top-right-radius: 7px; border-bottom-right-radius: 7px; margin-right: 0; }}
QPushButton[look="segment"][place="alone"] {{ border-radius: 7px; margin-right: 0; }}
QPushButton[look="segment"]:focus {{ border: 2px solid {c.accent}; padding: 3px 9px; }}
QPushButton[look="segment"]:checked {{ background: {c.accent}; color: {c.on_accent}; border-color: {c.accent}; }}
QPushButton[look="segment"]:checked:disabled {{ background: {c.field}; color: {c.muted}; border-color: {c.border}; }}
QPushButton[look="segment"]:checked:focus {{ border: 3px double {c.on_accent}; padding: 2px 8px; }}
QPushButton[look="page"] {{
    background: transparent; border: 2px solid transparent; border-radius: 8px; padding: 8px 10px; text-align: left;
    color: {c.muted}; font-size: 14px;
}}
QPushButton[look="page"]:hover {{ background: {c.card}; color: {c.text}; }}
QPushButton[look="page"]:checked {{ background: {c.field}; color: {c.text}; font-weight: 600; }}
QPushButton[look="page"]:focus {{ border: 2px solid {c.accent}; padding: 8px 10px; }}
QPushButton[look="choice"] {{
    background: {c.field}; border: 1px solid {c.border}; border-radius: 8px; padding: 8px 12px; text-align: left;
    min-height: 48px;
}}
QPushButton[look="choice"][brief="true"] {{ min-height: 18px; }}
QPushButton[look="choice"]:checked {{ border: 2px solid {c.accent}; padding: 7px 11px; background: {c.hot}; }}
QPushButton[look="choice"]:focus {{ border: 3px double {c.accent}; padding: 6px 10px; }}
QPushButton[look="door"] {{ background: {c.card}; border: 1px solid {c.border}; border-radius: 12px; padding: 0; min-height: 174px; }}
QPushButton[look="door"]:hover {{ background: {c.hot}; border-color: {c.accent}; }}
QPushButton[look="door"]:focus {{ border: 3px solid {c.accent}; padding: 0; }}
QPushButton[look="recent"] {{
    background: transparent; border: 2px solid transparent; border-radius: 8px; padding: 6px 8px; text-align: left; min-height: 36px;
}}
QPushButton[look="recent"]:hover {{ background: {c.hover}; }}
QPushButton[look="recent"]:focus {{ border: 2px solid {c.accent}; padding: 6px 8px; }}
QPushButton::menu-indicator {{ image: url("{down}"); width: 12px; height: 12px; subcontrol-position: right center; right: 8px; }}
QPushButton[look="toggle"]:checked {{ background: {c.hot}; border-color: {c.accent}; color: {c.accent}; }}
QPushButton[look="channel"] {{ padding: 4px 12px; color: {c.muted}; }}
QPushButton[look="channel"]:focus {{ padding: 3px 11px; }}
QPushButton[look="channel"][channel="red"]:checked {{ color: {c.red}; border-color: {c.red}; font-weight: 600; }}
QPushButton[look="channel"][channel="green"]:checked {{ color: {c.green}; border-color: {c.green}; font-weight: 600; }}
QPushButton[look="channel"][channel="blue"]:checked {{ color: {c.blue}; border-color: {c.blue}; font-weight: 600; }}
QPushButton[look="menu"] {{ padding-right: 26px; }}
QPushButton[look="menu"]:focus {{ padding-right: 25px; }}
"""


def _fields(c: Colours, down: str, up: str) -> str:
    return f"""
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox {{
    background: {c.field}; border: 1px solid {c.border}; border-radius: 6px; padding: 4px 8px; min-height: 20px; max-height: 20px;
}}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {{ border: 2px solid {c.accent}; padding: 3px 7px; }}
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {{ color: {c.faint}; background: {c.card}; }}
QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus {{
    border: none; background: transparent; padding: 0; min-height: 0;
}}
QComboBox QAbstractItemView {{
    background: {c.field}; border: 1px solid {c.border}; selection-background-color: {c.hover}; selection-color: {c.text};
}}
QComboBox::drop-down {{ border: none; width: 24px; }}
QComboBox::down-arrow {{ image: url("{down}"); width: 12px; height: 12px; }}
QSpinBox::up-button, QDoubleSpinBox::up-button {{
    subcontrol-origin: border; subcontrol-position: top right; width: 20px; border: none; background: transparent;
}}
QSpinBox::down-button, QDoubleSpinBox::down-button {{
    subcontrol-origin: border; subcontrol-position: bottom right; width: 20px; border: none; background: transparent;
}}
QSpinBox::up-button:hover, QSpinBox::down-button:hover,
QDoubleSpinBox::up-button:hover, QDoubleSpinBox::down-button:hover {{
    background: {c.hover};
}}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{ image: url("{up}"); width: 9px; height: 9px; }}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{ image: url("{down}"); width: 9px; height: 9px; }}
QSlider {{ border: 1px solid transparent; border-radius: 5px; min-height: 20px; }}
QSlider:focus {{ border-color: {c.accent}; }}
QSlider::groove:horizontal {{ background: {c.hover}; height: 4px; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {c.accent}; height: 4px; border-radius: 2px; }}
QSlider::handle:horizontal {{ background: {c.accent}; width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; }}
QSlider::sub-page:horizontal:disabled, QSlider::handle:horizontal:disabled {{ background: {c.faint}; }}
QCheckBox {{ spacing: 7px; border: 1px solid transparent; border-radius: 4px; padding: 2px; }}
QCheckBox:focus {{ border-color: {c.accent}; }}
"""


def _menus_and_docks(c: Colours) -> str:
    return f"""
QMenuBar {{ background: {c.sidebar}; color: {c.text}; padding: 1px 4px; }}
QMenuBar::item {{ background: transparent; padding: 4px 10px; border-radius: 4px; }}
QMenuBar::item:selected, QMenuBar::item:pressed {{ background: {c.hover}; }}
QMenu {{ background: {c.field}; color: {c.text}; border: 1px solid {c.border}; padding: 4px; }}
QMenu::item {{ padding: 6px 22px; border-radius: 4px; }}
QMenu::item:selected {{ background: {c.hover}; }}
QMenu::item:disabled {{ color: {c.faint}; }}
QMenu::separator {{ height: 1px; background: {c.edge}; margin: 4px 8px; }}
QDockWidget {{ color: {c.text}; }}
QDockWidget::title {{ background: {c.sidebar}; padding: 6px 12px; }}
QMainWindow::separator {{ background: {c.edge}; width: 4px; height: 4px; }}
QTabWidget::pane {{ border: 1px solid {c.edge}; border-radius: 8px; }}
QTabBar::tab {{ background: transparent; color: {c.muted}; padding: 7px 14px; border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {c.text}; border-bottom: 2px solid {c.accent}; }}
QTabBar::tab:focus {{ border: 2px solid {c.accent}; padding: 5px 12px 7px 12px; }}
"""


def _lists(c: Colours) -> str:
    return f"""
QProgressBar {{ background: {c.hover}; border: none; border-radius: 4px; min-height: 8px; max-height: 8px; }}
QProgressBar::chunk {{ background: {c.accent}; border-radius: 4px; }}
QProgressBar::chunk:disabled {{ background: {c.faint}; }}
QListView, QTreeView, QPlainTextEdit, QTextBrowser {{ background: {c.canvas}; border: 1px solid {c.edge}; border-radius: 8px; }}
QListView:focus, QTreeView:focus, QPlainTextEdit:focus, QTextBrowser:focus {{ border: 1px solid {c.accent}; }}
QListView::item:selected {{ background: {c.hover}; color: {c.text}; }}
QScrollArea {{ background: transparent; border: 1px solid transparent; border-radius: 6px; }}
QScrollArea:focus {{ border-color: {c.accent}; }}
QScrollArea > QWidget > QWidget {{ background: transparent; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 2px; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 2px; }}
QScrollBar::handle {{ background: {c.scroll}; border-radius: 3px; min-height: 28px; min-width: 28px; }}
QScrollBar::handle:hover {{ background: {c.scroll_hover}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSplitter::handle {{ background: transparent; }}
QSplitter::handle:hover {{ background: {c.border}; }}
"""
