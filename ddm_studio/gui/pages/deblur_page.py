"""One photo: choose a crop, compare the methods on it, deblur the whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPointF, QSize, Signal
from PySide6.QtGui import QImage, QShowEvent
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QWidget

from ddm_studio.gui.deblur_events import DeblurEvents
from ddm_studio.gui.deblur_orders import DeblurOrders
from ddm_studio.gui.file_reading import PROFILE_SUFFIX, OpenedPhoto, OpenedProfile
from ddm_studio.gui.lens_choice import Doubt, LensChoice
from ddm_studio.gui.local_psf import LocalPsf
from ddm_studio.gui.mask_drawing import MaskDrawing
from ddm_studio.gui.method_costs import MethodCosts
from ddm_studio.gui.pages.deblur_layout import arrange_deblur_page
from ddm_studio.gui.photo_opening import FoundPhotos, PhotoOpener
from ddm_studio.gui.result_words import passed_over_message
from ddm_studio.gui.run_state import BUTTONS, JobKind, RunState
from ddm_studio.gui.views.batch_list import BatchList
from ddm_studio.gui.views.compare_view import METHODS, CompareView
from ddm_studio.gui.views.crop_view import CropView
from ddm_studio.gui.views.deblur_foot import DeblurFoot
from ddm_studio.gui.views.deblur_form import DeblurForm
from ddm_studio.gui.views.drop_area import DropArea, DropTaker
from ddm_studio.gui.views.elided_label import ElidedLabel
from ddm_studio.gui.views.mask_bar import MaskBar
from ddm_studio.gui.views.message_bar import message_of_error
from ddm_studio.gui.views.network_training import NetworkTraining
from ddm_studio.gui.views.profile_menu import ProfileMenu
from ddm_studio.gui.views.small_parts import Segments, allow, button, label, set_look
from ddm_studio.gui.wording import cost_words, method_words
from ddm_studio.settings import ANY_LENS_METHODS, BlendSettings, Method


class DeblurPage(QWidget):
    """`compare_requested(CompareRequest)`, `deblur_requested(DeblurRequest)`; which lens is used is settled by `lens`.

    `begun()` when the person does something that may be answered by a `message`.
    """

    compare_requested = Signal(object)
    deblur_requested = Signal(object)
    message = Signal(object)
    begun = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._opener = PhotoOpener(self)
        self.timing = MethodCosts(self)
        self.lens = LensChoice(self)
        self._path: Path | None = None  # of the photo shown
        self._photo: OpenedPhoto | None = None
        self._fits = False
        self._state = RunState.IDLE
        self._methods: tuple[Method, ...] = ANY_LENS_METHODS
        self._make_parts()
        self.events = DeblurEvents(self)
        self.orders = DeblurOrders(self)
        arrange_deblur_page(self)
        self._connect()
        self.show_state(RunState.IDLE, None)
        self.show_fit()

    def _make_parts(self) -> None:
        self.empty = DropArea(
            self.tr("Drop photos here"),
            self.tr("One, many, or a folder, taken with the calibrated lens, uncropped: raw, TIFF, PNG or JPEG."),
            self.tr("Choose photos…"),
        )
        self.photo_name = ElidedLabel(look="heading")
        self.choose = button(self.tr("Choose photos…"), sign="folder")
        self.profile_name = ElidedLabel(look="muted")
        self.choose_profile = button(self.tr("Choose profile"), "menu", sign="lens")
        self.choose_profile.setMenu(ProfileMenu(self.lens, self))
        self.fit = label("", wrap=True)
        views = [("crop", self.tr("Photo and crop")), ("compare", self.tr("Comparison")), ("batch", self.tr("All photos"))]
        self.view = Segments(views, self.tr("View"))
        self.crop_words = label("", "small")
        self.crop = CropView(self.tr("Photo with the crop to compare"))
        self.comparison = CompareView()
        self.batch = BatchList()
        self.compare = button(self.tr("Compare on this crop"))
        self.form = DeblurForm()
        self.training = NetworkTraining()
        self.deblur = button(self.tr("Deblur full photo and save"), "primary")
        self.foot = DeblurFoot()
        self.stack = QStackedWidget()
        self.views = QStackedWidget()
        self.drawing = MaskDrawing(self)
        self.drawing.watch(self.crop, QPointF)
        for view in self.comparison.views:
            self.drawing.watch(view, lambda: self.comparison.corner)
        self.masking = button(self.tr("Mask"), "toggle")
        self.masking.setCheckable(True)
        self.mask_bar = MaskBar(self.drawing)
        self.mask_bar.hide()

    def _connect(self) -> None:
        self.empty.choose_clicked.connect(self.choose_photo)
        self.choose.clicked.connect(self.choose_photo)
        self.timing.changed.connect(self._on_timing)
        self.timing.failed.connect(self._on_refused)
        self._opener.opened.connect(self._show_photo)
        self._opener.failed.connect(self._on_failed)
        self._opener.found.connect(self._on_found)
        self._opener.refused.connect(self._on_refused)
        self.lens.changed.connect(self.show_fit)
        self.lens.failed.connect(self._on_refused)
        self.view.changed.connect(self._on_view)
        self.crop.crop_changed.connect(self._show_crop_words)
        self.comparison.method_chosen.connect(self._on_method_clicked)
        self.form.changed.connect(self._on_form)
        self.batch.changed.connect(self._on_batch)
        self.batch.add_clicked.connect(self.choose_photo)
        self.batch.photo_chosen.connect(self._on_photo_chosen)
        self.masking.toggled.connect(self._show_masking)
        self.drawing.changed.connect(self._on_mask)
        self.drawing.tool_changed.connect(self._show_crop_words)
        self.choose_profile.menu().triggered.connect(self.begun)
        DropTaker(self, self.empty).dropped.connect(self._on_dropped)

    def sizeHint(self) -> QSize:
        """The window decides."""
        return QSize(1000, 700)

    def showEvent(self, event: QShowEvent) -> None:
        """Look what the machine can do, and which networks have come."""
        super().showEvent(event)
        if BUTTONS[self._state].start_enabled:  # else the engine would disturb the timing
            self.timing.look()

    def shut_down(self) -> None:
        """End the background threads."""
        self._opener.shut_down()
        self.timing.shut_down()
        self.lens.shut_down()

    def has_profile(self) -> bool:
        """Whether a lens profile is open."""
        return self.lens.opened is not None

    def choose_photo(self) -> None:
        """Ask for photos."""
        names, _ = QFileDialog.getOpenFileNames(self, self.tr("Choose photos"))
        if names:
            self.begun.emit()
            self.take([Path(name) for name in names])

    @property
    def path(self) -> Path | None:
        """The photo shown."""
        return self._path

    @property
    def is_photo_ready(self) -> bool:
        """Whether a photo is shown that is read."""
        return self._photo is not None

    @property
    def fits(self) -> bool:
        """Whether the profile fits it."""
        return self._fits

    @property
    def methods(self) -> tuple[Method, ...]:
        """Those that can be compared on it."""
        return self._methods

    @property
    def _adds(self) -> bool:
        return self.view.key == "batch" and self.stack.currentIndex() == 1

    def take_photos(self, photos: Sequence[Path]) -> None:
        """Work on these photos, or, while all are listed, on these too; one of them is shown."""
        adds = self._adds
        if adds:
            self.batch.add_photos(photos)
        elif len(photos) > 1:  # a single one is listed once it is seen to be a photo
            self._begin_anew(photos)
        if not adds or self._path is None:
            self.open_photo(photos[0])
        if len(self.batch.photos) > 1 and (adds or len(photos) > 1):
            self.stack.setCurrentIndex(1)
            self.show_view("batch")
            self._show_folder()

    def close_photos(self) -> None:
        """Invite to drop some again."""
        self._path = self._photo = None
        self.batch.show_photos(())
        self.show_view("crop")
        self.stack.setCurrentIndex(0)
        self.lens.show_photo(None)

    def open_photo(self, path: Path) -> None:
        """Show a photo: a thumbnail at once, all pixels when they are read. One that cannot be read leaves the old one."""
        self.photo_name.setText(self.tr("Opening {name}…").format(name=path.name))
        self._opener.open(path)

    def show_profile(self, opened: OpenedProfile) -> None:
        """This profile is open now."""
        self.lens.show_profile(opened)

    def show_state(self, state: RunState, kind: JobKind | None) -> None:
        """Set every button; `kind` is that of the running job."""
        self._state = state
        own = kind in (JobKind.COMPARE, JobKind.DEBLUR, JobKind.TRAIN) and state is not RunState.IDLE
        self.foot.show_state(state if own else RunState.IDLE)
        self.form.setEnabled(not own)
        self._show_buttons()

    def _on_dropped(self, paths: list[Path]) -> None:
        self.begun.emit()
        self.take(paths)

    def _on_failed(self, path: Path, error: Exception) -> None:
        self._on_refused(error)
        if self._path == path:
            self._path = self._photo = None
            self.stack.setCurrentIndex(1 if len(self.batch.photos) > 1 else 0)
        self.photo_name.setText(self._path.name if self._path is not None else "")
        self.lens.show_photo(None if self._photo is None else self._photo.info)

    def _on_refused(self, error: Exception) -> None:
        self.message.emit(message_of_error(error))

    def _show_photo(self, path: Path, photo: OpenedPhoto) -> None:
        first = self._path != path or self._photo is None
        self._path, self._photo = path, photo
        self.crop.show_levels(photo.levels, QSize(photo.width, photo.height))
        self.photo_name.setText(path.name)
        self.photo_name.setToolTip(str(path))
        self.stack.setCurrentIndex(1)
        self.drawing.show_photo(path, QSize(photo.width, photo.height))
        self._show_costs()
        if first:
            self.crop.viewport.fit()
            self.crop.reset_crop()
            self.comparison.start(None)
            if path not in self.batch.photos:
                self._begin_anew([path])
            if self.view.key != "batch":
                self.show_view("crop")
            self.show_method()
            self._show_folder()
        self.lens.show_photo(photo.info)

    def _begin_anew(self, photos: Sequence[Path]) -> None:
        """Other photos than before: how much of the restoration these want is not known from the last ones."""
        self.batch.show_photos(photos)
        self.form.blend.show_settings(BlendSettings())

    def _show_folder(self) -> None:
        if not self.form.folder.text():
            self.form.folder.setText("~/DDM Studio/deblurred")

    def take(self, paths: list[Path]) -> None:
        """Open dropped files: the first profile, all photos, and those of all folders."""
        profiles = [path for path in paths if path.suffix.lower() == PROFILE_SUFFIX]
        photos = [path for path in paths if path.suffix.lower() != PROFILE_SUFFIX]
        if profiles:
            self.lens.pick(profiles[0])
        if len(photos) > 1 or any(path.is_dir() for path in photos) or (photos and self._adds):
            self._opener.find(photos)
        elif photos:  # one that is no photo is told of when it is opened
            self.take_photos(photos)

    def _on_found(self, found: FoundPhotos) -> None:
        if found.passed_over:
            self.message.emit(passed_over_message(len(found.photos), found.passed_over))
        if found.photos:
            self.take_photos(found.photos)

    def show_fit(self) -> None:
        """Say how the open profile suits the photo, and offer what can be done with both."""
        opened, fit = self.lens.opened, self.lens.fit()
        self.profile_name.setText(self.tr("No lens profile yet") if opened is None else opened.title)
        self.profile_name.setToolTip("" if opened is None else str(opened.path))
        self.fit.setText(fit.words)
        set_look(self.fit, "look", "good" if fit.is_good else "warning")
        self._fits = fit.fitted is not None
        self.crop.show_psf(None if fit.fitted is None or self._photo is None else LocalPsf(fit.fitted.profile.psf, self._photo.info))
        self.training.show_lens(None if opened is None else opened.path)
        # The network knows whole photos at full size only.
        has_network = self.training.is_trained and (self._photo is None or (fit.fitted is not None and not fit.fitted.assumption))
        self._methods = METHODS if has_network else ANY_LENS_METHODS
        self.form.offer(self._methods)
        self.comparison.offer(self._methods)
        self.batch.show_lenses(self.lens.fit_of_photo, self.drawing.masks)
        self._show_buttons()

    def _on_batch(self) -> None:
        self.lens.show_photos(self.batch.photos)
        self.batch.show_lenses(self.lens.fit_of_photo, self.drawing.masks)
        self._show_buttons()

    def _show_buttons(self) -> None:
        idle = BUTTONS[self._state].start_enabled
        count, misfits = len(self.batch.photos), len(self.batch.in_doubt(Doubt.MISFIT))
        several = self.tr("Deblur {n} of {all} photos and save") if misfits else self.tr("Deblur {n} photos and save")
        several = several.format(n=count - misfits, all=count)
        self.deblur.setText(several if count > 1 else self.tr("Deblur full photo and save"))
        self.deblur.setAccessibleName(self.deblur.text())
        self.batch.show_rest(idle)
        self.training.show_rest(idle)
        allow(self.compare, self.orders.why_no_comparison(idle))
        allow(self.deblur, self.orders.why_no_deblurring(idle))

    def show_view(self, key: str) -> None:
        """Turn to a view: crop, compare or batch."""
        self.view.choose(key)
        self._on_view(key)

    def _on_view(self, key: str) -> None:
        self.views.setCurrentIndex(("crop", "compare", "batch").index(key))
        why_not = self.tr("A mask is drawn on one photo: double-click one of the list.") if key == "batch" else ""
        allow(self.masking, why_not, self.tr("Paint where the photo is sharpened"))
        self._show_masking()

    def _show_crop_words(self) -> None:
        left, top, width, height = self.crop.crop
        self.crop_words.setVisible(self.view.key == "crop" or self.drawing.is_on)  # else its place is the pictures'
        words = ""
        if self.drawing.is_on:
            words = self.mask_bar.words
        elif self.view.key == "crop":
            words = self.tr("Crop {width} × {height} px at {left}, {top} · drag it, pull its corners, or double-click where it should be")
        self.crop_words.setText(words.format(width=width, height=height, left=left, top=top))

    def crop_image(self) -> QImage | None:
        """The crop as it is shown."""
        if self._photo is None:
            return None
        left, top, width, height = self.crop.crop
        level = self._photo.levels[0]
        share = level.width() / self._photo.width
        part = level.copy(round(left * share), round(top * share), max(1, round(width * share)), max(1, round(height * share)))
        return part if share == 1 else part.scaled(width, height)

    def _on_photo_chosen(self, path: Path) -> None:
        self.begun.emit()
        self.show_view("crop")
        self.open_photo(path)

    def _on_method_clicked(self, method: Method) -> None:
        self.form.show_method(method)

    def _on_form(self) -> None:
        self.comparison.show_chosen(self.form.settings.method)
        self.comparison.show_costs(self._costs())
        self._show_mixing()
        self._show_buttons()

    def _on_mask(self) -> None:
        self._show_mixing()
        self._show_crop_words()
        self.batch.show_lenses(self.lens.fit_of_photo, self.drawing.masks)

    def _show_mixing(self) -> None:
        self.comparison.show_mixing(self.form.settings.blend, self.drawing.mask)
        self.show_method()

    def _show_masking(self) -> None:
        """The mask can be drawn wherever the photo, or a part of it, is seen."""
        is_on = self.masking.isChecked() and self.view.key != "batch"
        self.mask_bar.setVisible(is_on)
        self.drawing.show_on(is_on)
        self.crop.show_quiet(is_on)
        self.comparison.show_drawing(is_on)
        self._show_crop_words()

    def show_method(self) -> None:
        """What the chosen method is like, until something is saved."""
        name, words = method_words(self.form.settings.method)
        cost = self._costs().get(self.form.settings.method, "")
        told = self.tr("{name}: {cost} for the whole photo. {words}") if cost else "{name}: {words}"
        if len(self.batch.photos) > 1 and cost:
            told = self.tr("{name}: {cost} for a photo of this size. {words}")
        self.foot.show_words(told.format(name=name, cost=cost, words=words))

    def _on_timing(self) -> None:
        self.form.offer_denoisers(self.timing.denoisers)
        self._show_costs()

    def _costs(self) -> dict[Method, str]:
        """About what each method takes for the photo shown, in words; nothing while that is not known."""
        if self._photo is None:
            return {}
        costs = self.timing.costs((self._photo.width, self._photo.height), self.form.settings.denoiser, METHODS)
        return {method: cost_words(cost) for method, cost in costs.items()}

    def _show_costs(self) -> None:
        self.comparison.show_costs(self._costs())
        if not self.foot.tells_end:
            self.show_method()
