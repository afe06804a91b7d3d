"""Which files of a folder are used, and why the others are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ddm_studio.errors import InputError, PhotoError
from ddm_studio.events import PhotoSkipped
from ddm_studio.photos.colour import RAW_RECIPE, ColourSpace
from ddm_studio.photos.photo import PhotoInfo
from ddm_studio.photos.reading import read_photo_info

LEFT_OUT = "you left it out"


@dataclass(frozen=True, slots=True)
class Listing:
    """Photos that can be used and files that cannot, each sorted by name."""

    photos: tuple[PhotoInfo, ...]
    skipped: tuple[PhotoSkipped, ...]


def list_photos(folder: Path) -> Listing:
    """Every photo directly inside a folder, from the headers alone.

    Raises:
        InputError: There is no such folder, or nothing is in it.
    """
    if not folder.exists():
        raise InputError(f"There is no folder {folder}", advice="Check its name")
    if not folder.is_dir():
        raise InputError(f"{folder} is a file, not a folder", advice="Choose the folder that holds the photos")
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        raise InputError(f"The folder {folder} cannot be opened", error.strerror or "") from error
    if not entries:
        raise InputError(f"The folder {folder} is empty", advice="Choose a folder with photos")
    photos, skipped = [], []
    for entry in entries:
        try:
            photos.append(_info_of(entry))
        except PhotoError as error:
            skipped.append(PhotoSkipped(entry, error.why or error.what))
    return Listing(tuple(photos), tuple(skipped))


def leave_out(listing: Listing, left_out: Sequence[Path]) -> Listing:
    """The listing without the photos that a person does not want to be used."""
    unwanted = {path.resolve() for path in left_out}
    if not unwanted:
        return listing
    kept, skipped = [], list(listing.skipped)
    for info in listing.photos:
        if info.path.resolve() in unwanted:
            skipped.append(PhotoSkipped(info.path, LEFT_OUT))
        else:
            kept.append(info)
    return Listing(tuple(kept), tuple(sorted(skipped, key=lambda file: file.path.name)))


def choose_blurry(listing: Listing, sharp: Listing | None = None) -> Listing:
    """The photos that share the frame and colour space of most shots: one lens on one sensor, developed in one way.

    Raws, which are linear and have lost nothing, go before developed photos wherever at least half of the shots are there as raws, in
    the sharp set, too; else developed photos are taken. Files of the same name but for the suffix are one shot, of which one is used.

    Args:
        listing: Of the folder.
        sharp: Of the folder of sharp photos, where there is one: both sets must be of one kind.
    """
    if not listing.photos:
        return listing
    are_raws_wanted = all(_has_raws_enough(one) for one in (listing, sharp) if one is not None and one.photos)
    wanted = [info for info in listing.photos if _is_raw(info) == are_raws_wanted] or list(listing.photos)
    shots = Counter((info.frame, info.colour) for info in wanted)

    def rank(kind: tuple[tuple[int, int], ColourSpace]) -> tuple[int, int, str]:
        frame, colour = kind
        return shots[kind], frame[0] * frame[1], f"{frame} {colour.space}"

    frame, colour = max(shots, key=rank)
    return _split(listing, colour, frame)


def choose_sharp(listing: Listing, colour: ColourSpace) -> Listing:
    """The photos, of any size, that share the recipe and space of the blurry ones."""
    return _split(listing, colour, None)


def _info_of(entry: Path) -> PhotoInfo:
    if entry.name.startswith("."):
        raise PhotoError(f"{entry.name} is not used", "it is a hidden file")
    if entry.is_dir():
        raise PhotoError(f"{entry.name} is not used", "it is a folder; only photos directly inside the chosen folder are used")
    if not entry.is_file():
        raise PhotoError(f"{entry.name} is not used", "it is not a file" if entry.exists() else "the file that it points to does not exist")
    return read_photo_info(entry)


def _is_raw(info: PhotoInfo) -> bool:
    return info.colour.recipe == RAW_RECIPE


def _shot(info: PhotoInfo) -> str:
    return info.path.stem.casefold()


def _has_raws_enough(listing: Listing) -> bool:
    return 2 * len({_shot(info) for info in listing.photos if _is_raw(info)}) >= len({_shot(info) for info in listing.photos})


def _split(listing: Listing, colour: ColourSpace, frame: tuple[int, int] | None) -> Listing:
    kept: dict[str, PhotoInfo] = {}  # by shot
    refused: list[tuple[PhotoInfo, str]] = []
    for info in sorted(listing.photos, key=_loss):
        reason = _colour_reason(info.colour, colour) or (_frame_reason(info, frame) if frame else "")
        if not reason and _shot(info) in kept:
            reason = "another file of the same shot is used"
        if reason:
            refused.append((info, reason))
        else:
            kept[_shot(info)] = info
    skipped = [PhotoSkipped(info.path, _twin_reason(info, kept.get(_shot(info))) or reason) for info, reason in refused]
    photos = tuple(sorted(kept.values(), key=lambda info: info.path.name))
    return Listing(photos, tuple(sorted((*listing.skipped, *skipped), key=lambda file: file.path.name)))


def _loss(info: PhotoInfo) -> tuple[int, str]:
    """Files of one shot in the order in which they are taken: JPEG compression loses, and what is stored whole does not."""
    return int(info.path.suffix.lower() in {".jpg", ".jpeg", ".jpe"}), info.path.name


def _twin_reason(info: PhotoInfo, used: PhotoInfo | None) -> str:
    """Why a raw or a developed photo is not used where the other one of the same shot is; empty where none is."""
    if used is None or _is_raw(used) == _is_raw(info):
        return ""
    return "the raw of the same shot is used" if _is_raw(used) else "the developed photo of the same shot is used: too few shots are raws"


def _colour_reason(given: ColourSpace, wanted: ColourSpace) -> str:
    if given == wanted:
        return ""
    if given.recipe == wanted.recipe:
        return f"its colours are {given.space}, those of the other photos {wanted.space}"
    if given.recipe == RAW_RECIPE:
        return f"it is a raw photo, the others are developed ones in {wanted.space}"
    return f"it is a developed photo in {given.space}, the others are raws in {wanted.space}"


def _frame_reason(info: PhotoInfo, frame: tuple[int, int]) -> str:
    if info.frame == frame:
        return ""
    sizes = f"{info.width} × {info.height} instead of {frame[0]} × {frame[1]} pixels"
    if info.frame == frame[::-1] and not info.has_orientation:
        return f"its sides are swapped ({sizes}) and it has no orientation tag: it is unknown which side was up"
    return f"its frame is {sizes}, so it was cropped, scaled, turned or taken with another camera"
