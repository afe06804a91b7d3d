"""Colours, fonts and the stylesheet: dark and neutral, so that the photograph is the brightest thing on the screen.

Greys have no tint because photos are judged on them. Text on its ground has a contrast of at least 4.5 : 1 (a test holds it).
"""

from __future__ import annotations

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from ddm_studio.bundled import bundled_file

WINDOW = "#1b1b1c"
SIDEBAR = "#151516"
CARD = "#242425"
FIELD = "#303032"
HOVER = "#3a3a3d"
BORDER = "#424245"
TEXT = "#ededee"
MUTED = "#b0b0b4"
FAINT = "#96969b"
ACCENT = "#7fd1c1"
ACCENT_HOVER = "#9be0d3"
ON_ACCENT = "#0d2420"
ERROR = "#ff8a80"
WARNING = "#f2c46d"
CANVAS = "#101011"
ERROR_GROUND = "#3a2625"
NOTE_GROUND = "#21302d"
CHANNELS = ("#ff6b6b", "#5fd97a", "#6fa8ff")

TEXT_PAIRS = (
    (TEXT, WINDOW), (TEXT, CARD), (TEXT, FIELD), (TEXT, HOVER),
    (MUTED, WINDOW), (MUTED, CARD), (MUTED, SIDEBAR), (MUTED, FIELD), (FAINT, WINDOW), (FAINT, CARD), (FAINT, CANVAS),
    (ON_ACCENT, ACCENT), (ON_ACCENT, ACCENT_HOVER), (ACCENT, CARD), (ACCENT, ERROR_GROUND), (TEXT, ERROR_GROUND), (TEXT, NOTE_GROUND),
    (ERROR, CARD), (WARNING, CARD), (WARNING, WINDOW), *((channel, CARD) for channel in CHANNELS),
)  # fmt: skip
"""Every (text, ground) pair that the window uses."""


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.1)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def apply_theme(app: QApplication) -> None:
    """Fusion with our palette, font and stylesheet; the same on every desktop."""
    app.setStyle("Fusion")
    app.setPalette(_palette())
    font = QFont()
    font.setFamilies(["Inter", "Noto Sans", "Segoe UI", "SF Pro Text", "Cantarell", "DejaVu Sans"])
    font.setPixelSize(13)
    app.setFont(font)
    app.setStyleSheet(_STYLE.replace("ICONS", bundled_file("icons").as_posix()))


def _palette() -> QPalette:
    palette = QPalette(QColor(CARD), QColor(WINDOW))
    roles = QPalette.ColorRole
    for role, colour in (
        (roles.WindowText, TEXT), (roles.Text, TEXT), (roles.ButtonText, TEXT), (roles.Base, FIELD), (roles.AlternateBase, CARD),
        (roles.ToolTipBase, HOVER), (roles.ToolTipText, TEXT), (roles.PlaceholderText, FAINT), (roles.Highlight, ACCENT),
        (roles.HighlightedText, ON_ACCENT), (roles.Link, ACCENT), (roles.LinkVisited, ACCENT),
    ):  # fmt: skip
        palette.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(FAINT))
    return palette


_STYLE = f"""
QToolTip {{ background: {HOVER}; color: {TEXT}; border: 1px solid {BORDER}; padding: 4px 6px; }}
QLabel {{ background: transparent; }}
QLabel[look="title"] {{ font-size: 21px; font-weight: 600; }}
QLabel[look="heading"] {{ font-size: 15px; font-weight: 600; }}
QLabel[look="muted"] {{ color: {MUTED}; }}
QLabel[look="small"] {{ color: {MUTED}; font-size: 12px; }}
QLabel[look="warning"] {{ color: {WARNING}; }}
QLabel[look="number"] {{ font-size: 15px; font-weight: 600; }}
QLabel[look="good"] {{ color: {ACCENT}; }}
QFrame[look="card"] {{ background: {CARD}; border: 1px solid #2e2e30; border-radius: 10px; }}
QFrame[look="drop"] {{ background: {CARD}; border: 2px dashed {BORDER}; border-radius: 12px; }}
QFrame[look="drop"][hot="true"] {{ border-color: {ACCENT}; background: #22302e; }}
QFrame[look="card"][hot="true"] {{ border: 1px solid {ACCENT}; background: #22302e; }}
QFrame[look="card"][chosen="true"] {{ border-color: {ACCENT}; }}
QFrame#sidebar {{ background: {SIDEBAR}; }}
QFrame#messageBar {{ background: {ERROR_GROUND}; border: 1px solid #7a4540; border-radius: 10px; }}
QFrame#messageBar[tone="note"] {{ background: {NOTE_GROUND}; border-color: #3f6f66; }}
QPushButton {{ background: {FIELD}; border: 1px solid {BORDER}; border-radius: 7px; padding: 6px 13px; min-height: 18px; }}
QPushButton:hover {{ background: {HOVER}; }}
QPushButton:pressed {{ background: {CARD}; }}
QPushButton:focus {{ border-color: {ACCENT}; }}
QPushButton:disabled {{ background: {CARD}; color: {FAINT}; border-color: #333336; }}
QPushButton[look="primary"] {{ background: {ACCENT}; color: {ON_ACCENT}; border-color: {ACCENT}; font-weight: 600; }}
QPushButton[look="primary"]:hover {{ background: {ACCENT_HOVER}; }}
QPushButton[look="primary"]:focus {{ border-color: {TEXT}; }}
QPushButton[look="primary"]:disabled {{ background: {FIELD}; color: {FAINT}; border-color: {BORDER}; }}
QPushButton[look="link"] {{ background: transparent; border: none; color: {ACCENT}; padding: 3px 4px; text-align: left; }}
QPushButton[look="link"]:hover {{ color: {ACCENT_HOVER}; text-decoration: underline; }}
QPushButton[look="link"]:focus {{ text-decoration: underline; }}
QPushButton[look="segment"] {{ border-radius: 0; padding: 4px 10px; margin-right: -1px; }}
QPushButton[look="segment"][place="first"] {{ border-top-left-radius: 7px; border-bottom-left-radius: 7px; }}
QPushButton[look="segment"][place="last"] {{ border-top-right-radius: 7px; border-bottom-right-radius: 7px; margin-right: 0; }}
QPushButton[look="segment"][place="alone"] {{ border-radius: 7px; margin-right: 0; }}
QPushButton[look="segment"]:checked {{ background: {ACCENT}; color: {ON_ACCENT}; border-color: {ACCENT}; }}
QPushButton[look="segment"]:checked:focus {{ border-color: {TEXT}; }}
QPushButton[look="page"] {{
    background: transparent; border: none; border-radius: 8px; padding: 10px 12px; text-align: left; color: {MUTED}; font-size: 14px;
}}
QPushButton[look="page"]:hover {{ background: {CARD}; color: {TEXT}; }}
QPushButton[look="page"]:focus {{ background: {CARD}; }}
QPushButton[look="page"]:checked {{ background: {FIELD}; color: {TEXT}; font-weight: 600; }}
QPushButton[look="choice"] {{ background: {FIELD}; border: 1px solid {BORDER}; border-radius: 8px; padding: 8px 12px; text-align: left; }}
QPushButton[look="choice"]:checked {{ border: 2px solid {ACCENT}; padding: 7px 11px; background: #22302e; }}
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox {{
    background: {FIELD}; border: 1px solid {BORDER}; border-radius: 6px; padding: 4px 8px; min-height: 20px; max-height: 20px;
}}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {{ border-color: {ACCENT}; }}
QAbstractSpinBox QLineEdit {{ border: none; background: transparent; padding: 0 0 0 6px; min-height: 0; }}
QComboBox QAbstractItemView {{
    background: {FIELD}; border: 1px solid {BORDER}; selection-background-color: {HOVER}; selection-color: {TEXT};
}}
QComboBox::drop-down {{ border: none; width: 24px; }}
QComboBox::down-arrow {{ image: url("ICONS/down.svg"); width: 12px; height: 12px; }}
QSpinBox::up-button, QDoubleSpinBox::up-button {{
    subcontrol-origin: border; subcontrol-position: top right; width: 20px; border: none; background: transparent;
}}
QSpinBox::down-button, QDoubleSpinBox::down-button {{
    subcontrol-origin: border; subcontrol-position: bottom right; width: 20px; border: none; background: transparent;
}}
QSpinBox::up-button:hover, QSpinBox::down-button:hover,
QDoubleSpinBox::up-button:hover, QDoubleSpinBox::down-button:hover {{
    background: {HOVER};
}}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{ image: url("ICONS/up.svg"); width: 9px; height: 9px; }}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{ image: url("ICONS/down.svg"); width: 9px; height: 9px; }}
QPushButton::menu-indicator {{ image: url("ICONS/down.svg"); width: 12px; height: 12px; subcontrol-position: right center; right: 8px; }}
QPushButton[look="menu"] {{ padding-right: 26px; }}
QMenu {{ background: {FIELD}; border: 1px solid {BORDER}; padding: 4px; }}
QMenu::item {{ padding: 6px 18px; border-radius: 4px; }}
QMenu::item:selected {{ background: {HOVER}; }}
QProgressBar {{ background: {FIELD}; border: none; border-radius: 4px; min-height: 8px; max-height: 8px; }}
QProgressBar::chunk {{ background: {ACCENT}; border-radius: 4px; }}
QListView, QTreeView, QPlainTextEdit, QTextBrowser {{ background: {CANVAS}; border: 1px solid #2e2e30; border-radius: 8px; }}
QListView::item:selected {{ background: {HOVER}; color: {TEXT}; }}
QScrollArea {{ background: transparent; border: none; }}
QScrollArea > QWidget > QWidget {{ background: transparent; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 2px; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 2px; }}
QScrollBar::handle {{ background: #55555a; border-radius: 3px; min-height: 28px; min-width: 28px; }}
QScrollBar::handle:hover {{ background: #6c6c72; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSplitter::handle {{ background: transparent; }}
QCheckBox {{ spacing: 7px; }}
"""
