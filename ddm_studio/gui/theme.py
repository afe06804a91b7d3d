"""The look in use: colours, font, palette and stylesheet; the same on every desktop, changed while the window lives.

`theme.ACCENT` and its like are the colours of the theme in use: read them while painting, never keep them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from ddm_studio.bundled import bundled_file
from ddm_studio.gui.colours import DARK, LIGHT, Colours
from ddm_studio.gui.stylesheet import stylesheet
from ddm_studio.preferences import Theme

WINDOW: str
SIDEBAR: str
CARD: str
FIELD: str
HOVER: str
BORDER: str
EDGE: str
TEXT: str
MUTED: str
FAINT: str
ACCENT: str
ACCENT_HOVER: str
ON_ACCENT: str
ERROR: str
WARNING: str
CANVAS: str
RED: str
GREEN: str
BLUE: str
CHANNELS: tuple[str, str, str]


def colours_of(theme: Theme) -> Colours:
    """The colours of a theme."""
    return LIGHT if theme is Theme.LIGHT else DARK


def apply_theme(app: QApplication, theme: Theme = Theme.DARK) -> None:
    """Fusion with our colours, font and stylesheet. Every widget is told by a change of its palette."""
    colours = colours_of(theme)
    _take(colours)
    if not app.styleSheet():  # the first time; each of these has every widget polished anew
        app.setStyle("Fusion")
        font = QFont()
        font.setFamilies(["Inter", "Noto Sans", "Segoe UI", "SF Pro Text", "Cantarell", "DejaVu Sans"])
        font.setPixelSize(13)
        app.setFont(font)
    app.setPalette(_palette(colours))
    ending = "_light.svg" if theme is Theme.LIGHT else ".svg"
    down, up = (bundled_file(f"icons/{arrow}{ending}").as_posix() for arrow in ("down", "up"))
    app.setStyleSheet(stylesheet(colours, down, up))


@contextmanager
def other_colours(colours: Colours) -> Iterator[None]:
    """Paint something in these meanwhile: nothing on the screen changes, and the theme in use is back afterwards."""
    before = {field.name: globals()[field.name.upper()] for field in fields(Colours)}
    _take(colours)
    try:
        yield
    finally:
        _take(Colours(**before))


def _take(colours: Colours) -> None:
    globals().update({field.name.upper(): getattr(colours, field.name) for field in fields(colours)})
    globals()["CHANNELS"] = (colours.red, colours.green, colours.blue)


def _palette(c: Colours) -> QPalette:
    palette = QPalette(QColor(c.card), QColor(c.window))
    roles = QPalette.ColorRole
    for role, colour in (
        (roles.WindowText, c.text), (roles.Text, c.text), (roles.ButtonText, c.text), (roles.Base, c.field), (roles.AlternateBase, c.card),
        (roles.ToolTipBase, c.hover), (roles.ToolTipText, c.text), (roles.PlaceholderText, c.faint), (roles.Highlight, c.accent),
        (roles.HighlightedText, c.on_accent), (roles.Link, c.accent), (roles.LinkVisited, c.accent),
    ):  # fmt: skip
        palette.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(c.faint))
    return palette


_take(DARK)
