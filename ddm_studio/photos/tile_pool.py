"""The pool of tiles on disk: written once, then read by every stage, also after a restart."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ddm_studio.errors import InputError
from ddm_studio.events import PhotoSkipped
from ddm_studio.photos.jpeg_coding import JpegCoding
from ddm_studio.photos.photo import PhotoInfo

FORMAT = 4


@dataclass(frozen=True, slots=True, eq=False)
class TilePool:
    """Tiles with the place each was cut from.

    Args:
        tiles: (n, 3, T, T) uint16 on disk, display-encoded by the sRGB curve, 65535 is 1.
        corners: (n, 2) int32 top and left of each tile in the sensor frame of its photo.
        frames: (n, 2) int32 height and width of that frame.
        photo: (n,) int32 index into `names`.
        names: File names of the photos used.
        hashes: SHA-256 of those files.
        skipped: Photos that were found unusable on reading.
        asked: For each photo the number of places where a tile was looked for; overexposed and empty ones gave none.
        looks: For each photo its `look`, empty where unknown.
        jpeg: For each photo how coarsely its JPEG keeps detail, None where it is none; empty where unknown.
        damaged: For each photo whether its picture data were seen to be damaged; empty where unknown.
    """

    tiles: NDArray[np.uint16]
    corners: NDArray[np.int32]
    frames: NDArray[np.int32]
    photo: NDArray[np.int32]
    names: tuple[str, ...]
    hashes: tuple[str, ...]
    skipped: tuple[PhotoSkipped, ...] = ()
    asked: tuple[int, ...] = ()
    looks: tuple[str, ...] = ()
    jpeg: tuple[JpegCoding | None, ...] = ()
    damaged: tuple[bool, ...] = ()

    def __len__(self) -> int:
        return len(self.photo)

    def some(self, index: NDArray[np.integer]) -> TilePool:
        """The pool with a copy of some of its tiles (n,) only; the photos stay, with or without tiles."""
        return replace(self, tiles=self.tiles[index], corners=self.corners[index], frames=self.frames[index], photo=self.photo[index])

    def positions(
        self, index: NDArray[np.integer], down: int | NDArray[np.integer], across: int | NDArray[np.integer], size: int
    ) -> NDArray[np.float32]:
        """Relative position of a window's centre in the sensor frame: 0 is the first pixel, 1 the last.

        Args:
            index: (n,) tiles.
            down: Rows from the top of the tile to the top of the window, one number or (n,).
            across: Columns likewise.
            size: Side of the window in pixels.

        Returns:
            (n, 2) row and column.
        """
        offsets = np.stack(np.broadcast_arrays(down, across), axis=-1)
        centres = self.corners[index] + offsets + (size - 1) / 2
        return np.asarray(centres / np.maximum(self.frames[index] - 1, 1), np.float32)


@dataclass(frozen=True, slots=True)
class PoolRecipe:
    """What a pool depends on; equal recipes give equal pools."""

    tile: int
    count: int
    seed: int
    crop: tuple[int, int] | None
    files: tuple[tuple[str, int, int], ...]

    @classmethod
    def of(cls, photos: Sequence[PhotoInfo], tile: int, count: int, seed: int, crop: tuple[int, int] | None) -> PoolRecipe:
        """The recipe of photos as they lie on disk now: path, size and time of change."""
        files = []
        for info in photos:
            try:
                facts = info.path.stat()
            except OSError:
                files.append((str(info.path), -1, 0))
            else:
                files.append((str(info.path), facts.st_size, facts.st_mtime_ns))
        return cls(tile, count, seed, crop, tuple(files))

    @property
    def fingerprint(self) -> str:
        """A digest of everything here."""
        return hashlib.sha256(json.dumps([FORMAT, asdict(self)]).encode()).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class PhotoTiles:
    """The tiles of one photo: (n, 3, T, T) codes, (n, 2) corners, and its frame.

    `asked` is how many places were tried, `look` a tiny picture of the whole by which photos are compared, `jpeg` how coarsely
    its file keeps detail, `damaged` whether its picture data are seen to be damaged.
    """

    tiles: NDArray[np.uint16]
    corners: NDArray[np.int32]
    height: int
    width: int
    asked: int
    look: str
    jpeg: JpegCoding | None = None
    damaged: bool = False


@dataclass(eq=False)
class PoolWriter:
    """Writes a pool tile by tile, so that memory holds one photo only; nothing is left behind unless `finish` is reached."""

    folder: Path
    name: str
    recipe: PoolRecipe
    count: int = 0
    skipped: list[PhotoSkipped] = field(default_factory=list)
    _photos: list[dict[str, Any]] = field(default_factory=list)
    _stream: BinaryIO | None = None

    def __enter__(self) -> PoolWriter:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._table_path.unlink(missing_ok=True)
        self._stream = self._part_path.open("wb")
        self._write_header(self.recipe.count)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._stream is not None:
            self._stream.close()
        self._part_path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
            raise InputError(
                f"The tiles of the {self.name} photos cannot be kept in {self.folder}", reason, "Make room on the disk"
            ) from error

    def add(self, path: Path, photo: PhotoTiles) -> None:
        """Append the tiles of a photo."""
        self._file.write(photo.tiles.tobytes())
        self.count += len(photo.tiles)
        self._photos.append(
            {
                "name": path.name,
                "sha256": _hash_of(path),
                "height": photo.height,
                "width": photo.width,
                "corners": photo.corners.tolist(),
                "asked": photo.asked,
                "look": photo.look,
                "jpeg": asdict(photo.jpeg) if photo.jpeg else None,
                "damaged": photo.damaged,
            }
        )

    def skip(self, file: PhotoSkipped) -> None:
        """Remember a photo that could not be used."""
        self.skipped.append(file)

    def finish(self) -> TilePool:
        """Put both files in place, the table last: it is what makes a pool complete."""
        self._file.seek(0)
        self._write_header(self.count)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._part_path.replace(_tiles_path(self.folder, self.name))
        table = {
            "format": FORMAT,
            "fingerprint": self.recipe.fingerprint,
            "photos": self._photos,
            "skipped": [[str(file.path), file.reason] for file in self.skipped],
        }
        part = self._table_path.with_suffix(".part")
        with part.open("w", encoding="utf-8") as stream:
            json.dump(table, stream)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(self._table_path)
        return open_tiles(self.folder, self.name)

    @property
    def _file(self) -> BinaryIO:
        if self._stream is None:
            raise ValueError("a pool is written inside a with statement")
        return self._stream

    @property
    def _part_path(self) -> Path:
        return self.folder / f"{self.name}_tiles.part"

    @property
    def _table_path(self) -> Path:
        return _table_path(self.folder, self.name)

    def _write_header(self, count: int) -> None:
        """A header of the .npy format, of the same length for every count: NumPy pads it for growth of the first axis."""
        shape = (count, 3, self.recipe.tile, self.recipe.tile)
        header = {"descr": "<u2", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(self._file, header)


def has_tiles(folder: Path, name: str) -> bool:
    """Whether a finished pool lies in a folder; not whether it is still that of the photos and settings of now."""
    return _table_path(folder, name).is_file()


def open_tiles(folder: Path, name: str) -> TilePool:
    """Open a finished pool.

    Raises:
        InputError: There is none, or it is damaged.
    """
    try:
        table = _read_table(folder, name)
        tiles = np.load(_tiles_path(folder, name), mmap_mode="r", allow_pickle=False)
        return _pool_of(table, tiles)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"The tiles of the {name} photos in {folder} cannot be read", str(error), "Start the calibration anew") from error


def reusable_pool(folder: Path, name: str, recipe: PoolRecipe) -> TilePool | None:
    """The finished pool of the very same recipe, if it lies there."""
    try:
        if _read_table(folder, name).get("fingerprint") != recipe.fingerprint:
            return None
        return open_tiles(folder, name)
    except (InputError, OSError, ValueError):
        return None


def _pool_of(table: dict[str, Any], tiles: NDArray[np.uint16]) -> TilePool:
    photos = table["photos"]
    counts = [len(photo["corners"]) for photo in photos]
    if tiles.ndim != 4 or tiles.shape[1] != 3 or len(tiles) != sum(counts):
        raise ValueError("the tiles and their table do not belong together")
    return TilePool(
        tiles=tiles,
        corners=np.array([corner for photo in photos for corner in photo["corners"]], np.int32),
        frames=np.repeat(np.array([[photo["height"], photo["width"]] for photo in photos], np.int32), counts, axis=0),
        photo=np.repeat(np.arange(len(photos), dtype=np.int32), counts),
        names=tuple(photo["name"] for photo in photos),
        hashes=tuple(photo["sha256"] for photo in photos),
        skipped=tuple(PhotoSkipped(Path(path), reason) for path, reason in table["skipped"]),
        asked=tuple(photo["asked"] for photo in photos),
        looks=tuple(photo["look"] for photo in photos),
        jpeg=tuple(_coding_of(photo["jpeg"]) for photo in photos),
        damaged=tuple(photo["damaged"] for photo in photos),
    )


def _coding_of(entry: dict[str, list[int]] | None) -> JpegCoding | None:
    if entry is None:
        return None
    down, across = entry["reduced"]
    return JpegCoding(tuple(entry["luma"]), tuple(entry["chroma"]), (down, across))


def _read_table(folder: Path, name: str) -> dict[str, Any]:
    table: dict[str, Any] = json.loads(_table_path(folder, name).read_text(encoding="utf-8"))
    return table


def _tiles_path(folder: Path, name: str) -> Path:
    return folder / f"{name}_tiles.npy"


def _table_path(folder: Path, name: str) -> Path:
    return folder / f"{name}_tiles.json"


def _hash_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
