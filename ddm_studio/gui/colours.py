"""The two sets of colours: dark, so that the photograph is the brightest thing on the screen, and light, for bright rooms.

Greys have no tint because photos are judged on them. Text on its ground has a contrast of at least 4.5 : 1 in both (a test holds it).
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Colours:
    """Every colour of the window, as `#rrggbb`."""

    window: str
    sidebar: str
    card: str
    field: str
    hover: str
    border: str
    edge: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_hover: str
    on_accent: str
    hot: str
    error: str
    warning: str
    canvas: str
    error_ground: str
    error_edge: str
    warning_ground: str
    warning_edge: str
    note_ground: str
    note_edge: str
    scroll: str
    scroll_hover: str
    red: str
    green: str
    blue: str


DARK = Colours(
    window="#1b1b1c", sidebar="#151516", card="#242425", field="#303032", hover="#3a3a3d", border="#424245", edge="#2e2e30",
    text="#ededee", muted="#b0b0b4", faint="#98989d", accent="#7fd1c1", accent_hover="#9be0d3", on_accent="#0d2420", hot="#22302e",
    error="#ff8a80", warning="#f2c46d", canvas="#101011", error_ground="#3a2625", error_edge="#7a4540", warning_ground="#362f20",
    warning_edge="#71602f", note_ground="#21302d", note_edge="#3f6f66", scroll="#55555a", scroll_hover="#6c6c72",
    red="#ff6b6b", green="#5fd97a", blue="#6fa8ff",
)  # fmt: skip

LIGHT = Colours(
    window="#f1f1f2", sidebar="#e4e4e6", card="#fafafa", field="#ffffff", hover="#e2e2e4", border="#b4b4b8", edge="#d6d6d9",
    text="#1c1c1e", muted="#48484c", faint="#5e5e64", accent="#0b6b5d", accent_hover="#095549", on_accent="#ffffff", hot="#dcefeb",
    error="#a8261c", warning="#7a4d00", canvas="#e0e0e2", error_ground="#fbe3e0", error_edge="#d99b94", warning_ground="#f8ecd0",
    warning_edge="#cfae62", note_ground="#dff0ec", note_edge="#8fbfb4", scroll="#a5a5aa", scroll_hover="#85858b",
    red="#b02525", green="#14652c", blue="#2456b8",
)  # fmt: skip

PAPER = replace(LIGHT, canvas="#ffffff")
"""What plots are saved in, whatever the theme: they end up in documents and on paper."""

ON_PICTURES = DARK.accent
"""Marks on photos and kernels, whatever the theme."""

TEXT_PAIRS = (
    ("text", "window"), ("text", "card"), ("text", "field"), ("text", "hover"), ("text", "canvas"), ("text", "hot"), ("text", "sidebar"),
    ("muted", "window"), ("muted", "card"), ("muted", "sidebar"), ("muted", "field"), ("muted", "canvas"), ("muted", "hot"),
    ("muted", "hover"), ("faint", "window"), ("faint", "card"), ("faint", "canvas"), ("faint", "field"),
    ("on_accent", "accent"), ("on_accent", "accent_hover"), ("accent", "card"), ("accent", "window"), ("accent", "error_ground"),
    ("accent", "warning_ground"), ("accent", "note_ground"), ("accent_hover", "card"), ("accent_hover", "window"),
    ("accent_hover", "error_ground"), ("text", "error_ground"), ("text", "warning_ground"), ("text", "note_ground"),
    ("error", "card"), ("error", "error_ground"), ("warning", "card"), ("warning", "window"), ("warning", "canvas"),
    ("warning", "warning_ground"), ("red", "card"), ("green", "card"), ("blue", "card"),
    ("red", "field"), ("green", "field"), ("blue", "field"),
    ("red", "canvas"), ("green", "canvas"),
    ("blue", "canvas"),
)  # fmt: skip
"""Every (text, ground) pair that the window uses."""

MARK_PAIRS = (
    ("accent", "canvas"), ("accent", "card"), ("accent", "window"), ("accent", "field"), ("accent", "sidebar"), ("on_accent", "accent"),
)  # fmt: skip
"""(focus ring or mark, what it is drawn beside): at least 3 : 1."""


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.1)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
