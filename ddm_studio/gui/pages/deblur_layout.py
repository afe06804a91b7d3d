"""Where the parts of the Deblur page stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ddm_studio.gui.views.small_parts import card, column, label, row

if TYPE_CHECKING:
    from ddm_studio.gui.pages.deblur_page import DeblurPage


def arrange_deblur_page(page: DeblurPage) -> None:
    """An invitation, or: photo and profile above, the view in the middle, what to do below."""
    page.stack.addWidget(page.empty)
    page.stack.addWidget(_workplace(page))
    whole = QVBoxLayout(page)
    whole.setContentsMargins(24, 18, 24, 18)
    whole.setSpacing(10)
    head = QHBoxLayout()
    head.addWidget(label(page.tr("Deblur"), "title"))
    head.addSpacing(18)
    head.addWidget(page.fit, 1)
    head.addWidget(page.profile_name)
    head.addWidget(page.choose_profile)
    whole.addLayout(head)
    whole.addWidget(page.stack, 1)


def _workplace(page: DeblurPage) -> QWidget:
    page.views.addWidget(page.crop)
    page.views.addWidget(page.comparison)
    page.views.addWidget(page.batch)
    page.photo_name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    tools = row(page.view, spacing=12)
    tools.addWidget(page.photo_name, 1)
    tools.addWidget(page.choose)
    tools.addWidget(page.masking)
    tools.addWidget(page.compare)
    place = QWidget()
    inside = column(page.mask_bar, page.views, page.crop_words, _foot(page))
    inside.insertLayout(0, tools)
    inside.setStretchFactor(page.views, 1)
    place.setLayout(inside)
    return place


def _foot(page: DeblurPage) -> QWidget:
    frame = card()
    inside = QVBoxLayout(frame)
    inside.setContentsMargins(14, 10, 14, 10)
    inside.setSpacing(6)
    action = QHBoxLayout()
    action.setSpacing(12)
    action.addWidget(page.form, 1)
    side = QVBoxLayout()
    side.setSpacing(6)
    side.addStretch()
    side.addWidget(page.training)
    side.addWidget(page.deblur)
    action.addLayout(side)
    inside.addLayout(action)
    inside.addWidget(page.foot)
    return frame
