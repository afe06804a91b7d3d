import hashlib
import os
import resource
import time

import numpy as np
import pytest
from photo_files import plain_info, save_tiff

from ddm_studio.control import Cancelled, RunControl
from ddm_studio.errors import InputError, PhotoError
from ddm_studio.events import PhotoSkipped, StageFinished, StageStarted
from ddm_studio.optics.display_curve import decode
from ddm_studio.photos.colour import SRGB_RENDERING
from ddm_studio.photos.library import list_photos
from ddm_studio.photos.patches import collect_tiles
from ddm_studio.photos.photo import Photo
from ddm_studio.photos.tile_pool import open_tiles

TILE = 32
HEIGHT, WIDTH = 150, 230


def coordinates(height, width, shift=0):
    """Linear light whose red tells the row and whose green the column."""
    y, x = np.mgrid[:height, :width]
    return np.stack([(y + 1) / 1000, (x + 1) / 1000, np.full_like(x, (shift + 1) / 1000)], -1).astype(np.float32)


class CountingReader:
    """Hands out coordinate frames instead of files and counts how often each is asked for."""

    def __init__(self, infos, bad=(), frames=None):
        self.infos = {info.path: info for info in infos}
        self.bad = bad
        self.asked = []
        self.frames = frames or {}

    def __call__(self, path):
        self.asked.append(path.name)
        if path.name in self.bad:
            raise PhotoError(f"{path.name} cannot be read", "it is damaged")
        info = self.infos[path]
        pixels = self.frames.get(path.name, coordinates(info.height, info.width))
        return Photo(info, pixels, SRGB_RENDERING)


def make_infos(folder, count=3, width=WIDTH, height=HEIGHT):
    infos = []
    for index in range(count):
        path = folder / f"{index}.tif"
        path.write_text(f"photo {index}")
        infos.append(plain_info(path, width, height))
    return infos


def collect(folder, infos, reader, count=40, seed=0, crop=None, events=None, control=None, threads=2):
    report = [] if events is None else events
    return collect_tiles(infos, folder / "pool", "blurry", TILE, count, seed, crop, report.append, control or RunControl(), threads, reader)


def test_each_photo_is_read_once_and_gives_as_many_tiles_as_the_others(tmp_path):
    infos = make_infos(tmp_path, 4)
    reader = CountingReader(infos)
    pool = collect(tmp_path, infos, reader, 40)
    assert sorted(reader.asked) == ["0.tif", "1.tif", "2.tif", "3.tif"]
    assert pool.tiles.shape == (40, 3, TILE, TILE)
    assert np.bincount(pool.photo).tolist() == [10, 10, 10, 10]
    assert pool.names == ("0.tif", "1.tif", "2.tif", "3.tif")
    assert pool.hashes[1] == hashlib.sha256(b"photo 1").hexdigest()


@pytest.mark.parametrize("crop", [None, (120, 90)])
def test_tiles_are_what_lies_at_their_corners(tmp_path, crop):
    infos = make_infos(tmp_path)
    pool = collect(tmp_path, infos, CountingReader(infos), crop=crop)
    frame = coordinates(HEIGHT, WIDTH)
    for tile, (top, left) in zip(pool.tiles, pool.corners, strict=True):
        expected = frame[top : top + TILE, left : left + TILE].transpose(2, 0, 1)
        np.testing.assert_allclose(decode(tile / 65535), expected, atol=3e-5)
    assert (pool.frames == (HEIGHT, WIDTH)).all()
    if crop:
        assert (pool.corners >= ((HEIGHT - 90) // 2, (WIDTH - 120) // 2)).all()
        assert (pool.corners + TILE <= ((HEIGHT + 90) // 2, (WIDTH + 120) // 2)).all()


def test_positions_are_those_of_window_centres_in_the_sensor_frame(tmp_path):
    infos = make_infos(tmp_path)
    pool = collect(tmp_path, infos, CountingReader(infos), crop=(120, 90))
    index = np.arange(len(pool))
    down, across = np.arange(len(pool)) % 5, np.arange(len(pool)) % 7
    places = pool.positions(index, down, across, 9)
    for number in index:
        window = pool.tiles[number][:, down[number] : down[number] + 9, across[number] : across[number] + 9]
        row, column = decode(window / 65535)[:2].mean((1, 2)) * 1000 - 1
        assert places[number] == pytest.approx((row / (HEIGHT - 1), column / (WIDTH - 1)), abs=1e-3)
    assert places.dtype == np.float32
    np.testing.assert_array_equal(pool.positions(index, 0, 0, TILE).shape, (len(pool), 2))


def test_tiles_reach_every_corner_and_cover_the_frame_evenly(tmp_path):
    infos = make_infos(tmp_path, 8)
    pool = collect(tmp_path, infos, CountingReader(infos), 8 * 90)
    for corner in ((0, 0), (0, WIDTH - TILE), (HEIGHT - TILE, 0), (HEIGHT - TILE, WIDTH - TILE)):
        assert (pool.corners == corner).all(1).any()
    covered = np.zeros((HEIGHT, WIDTH))
    for top, left in pool.corners:
        covered[top : top + TILE, left : left + TILE] += 1
    assert covered.min() > 0.1 * covered.mean()


def test_no_photo_is_covered_more_than_about_four_times(tmp_path):
    infos = make_infos(tmp_path, 2)
    pool = collect(tmp_path, infos, CountingReader(infos), 100_000)
    assert len(pool) == 2 * (4 * HEIGHT * WIDTH // TILE**2)


def test_every_photo_counts_even_when_few_tiles_are_wanted(tmp_path):
    infos = make_infos(tmp_path, 5)
    assert np.bincount(collect(tmp_path, infos, CountingReader(infos), 2).photo).tolist() == [1, 1, 1, 1, 1]


def test_the_same_seed_gives_the_same_pool_and_another_seed_another(tmp_path):
    infos = make_infos(tmp_path)
    pools = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        (tmp_path / name).mkdir()
        pools.append(collect(tmp_path / name, infos, CountingReader(infos), seed=seed))
    np.testing.assert_array_equal(pools[0].tiles, pools[1].tiles)
    np.testing.assert_array_equal(pools[0].corners, pools[1].corners)
    assert (pools[0].corners != pools[2].corners).any()


def test_a_finished_pool_is_used_again_without_reading_a_photo(tmp_path):
    infos = make_infos(tmp_path)
    first = collect(tmp_path, infos, CountingReader(infos, bad=("1.tif",)))
    reader, events = CountingReader(infos), []
    again = collect(tmp_path, infos, reader, events=events)
    assert reader.asked == []
    np.testing.assert_array_equal(again.tiles, first.tiles)
    assert again.names == first.names
    assert PhotoSkipped(infos[1].path, "it is damaged") in events


def test_a_pool_of_other_photos_or_settings_is_made_anew(tmp_path):
    infos = make_infos(tmp_path)
    collect(tmp_path, infos, CountingReader(infos))
    changes = {"count": 30, "seed": 5, "crop": (100, 100)}
    for name, value in changes.items():
        reader = CountingReader(infos)
        collect(tmp_path, infos, reader, **{name: value})
        assert len(reader.asked) == 3, name
        collect(tmp_path, infos, CountingReader(infos))
    os.utime(infos[1].path, (1, 1))
    reader = CountingReader(infos)
    collect(tmp_path, infos, reader)
    assert len(reader.asked) == 3


@pytest.mark.parametrize("file", ["blurry_tiles.npy", "blurry_tiles.json"])
def test_a_damaged_pool_is_made_anew(tmp_path, file):
    infos = make_infos(tmp_path)
    first = collect(tmp_path, infos, CountingReader(infos))
    expected = np.array(first.tiles)
    path = tmp_path / "pool" / file
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(InputError):
        open_tiles(tmp_path / "pool", "blurry")
    np.testing.assert_array_equal(collect(tmp_path, infos, CountingReader(infos)).tiles, expected)


def test_damaged_and_small_photos_are_left_out_and_named(tmp_path):
    infos = make_infos(tmp_path)
    infos.append(plain_info(tmp_path / "small.tif", 31, 200))
    events = []
    pool = collect(tmp_path, infos, CountingReader(infos, bad=("1.tif",)), 40, events=events)
    skipped = {event.path.name: event.reason for event in events if isinstance(event, PhotoSkipped)}
    assert skipped["1.tif"] == "it is damaged"
    assert "31 × 200" in skipped["small.tif"]
    assert pool.names == ("0.tif", "2.tif")
    assert isinstance(events[0], StageStarted)
    assert isinstance(events[-1], StageFinished)


def test_nothing_usable_is_an_input_error_that_leaves_nothing_behind(tmp_path):
    infos = make_infos(tmp_path, 1)
    with pytest.raises(InputError, match=r"0\.tif: it is damaged"):
        collect(tmp_path, infos, CountingReader(infos, bad=("0.tif",)))
    with pytest.raises(InputError):
        collect(tmp_path, [], CountingReader([]))
    assert list((tmp_path / "pool").iterdir()) == []


@pytest.mark.parametrize("white", [1.0, 0.8])
def test_clipped_and_constant_places_are_avoided(tmp_path, white):
    frame = coordinates(HEIGHT, WIDTH)
    frame[:, :100, 0] = white
    frame[90:, 140:] = 0.2
    infos = make_infos(tmp_path)
    pool = collect(tmp_path, infos, CountingReader(infos, frames={info.path.name: frame for info in infos}), 120)
    light = decode(np.asarray(pool.tiles) / 65535)
    assert ((light[:, 0] >= white * 0.998).mean((1, 2)) <= 0.02).all()
    assert (light.max((1, 2, 3)) > light.min((1, 2, 3))).all()
    assert 0 < len(pool) < 120


def test_an_overexposed_photo_is_named(tmp_path):
    infos = make_infos(tmp_path, 2)
    events = []
    reader = CountingReader(infos, frames={"0.tif": np.ones((HEIGHT, WIDTH, 3), np.float32)})
    pool = collect(tmp_path, infos, reader, events=events)
    assert pool.names == ("1.tif",)
    assert any(isinstance(event, PhotoSkipped) and "overexposed" in event.reason for event in events)


def test_stopping_between_photos_leaves_nothing_half_made(tmp_path):
    infos = make_infos(tmp_path, 40)
    control = RunControl()
    reader = CountingReader(infos)

    def stopping_reader(path):
        if len(reader.asked) == 1:
            control.stop()
        return reader(path)

    with pytest.raises(Cancelled):
        collect(tmp_path, infos, stopping_reader, control=control)
    assert len(reader.asked) < 20  # those that had begun are finished
    assert list((tmp_path / "pool").iterdir()) == []


def test_real_files_give_tiles_too(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 60000, (100, 120, 3)).astype(np.uint16)
    save_tiff(folder / "a.tif", codes)
    save_tiff(folder / "b.tif", codes, 6)
    (folder / "c.tif").write_bytes((folder / "a.tif").read_bytes()[:5000])
    photos = list_photos(folder).photos
    pool = collect_tiles(photos, tmp_path / "pool", "sharp", TILE, 20, 0, None, [].append, RunControl())
    for tile, (top, left) in zip(pool.tiles, pool.corners, strict=True):
        np.testing.assert_array_equal(tile, codes[top : top + TILE, left : left + TILE].transpose(2, 0, 1))
    assert pool.names == ("a.tif", "b.tif")


def test_a_full_disk_is_told_and_leaves_nothing_half_made(tmp_path):
    infos = make_infos(tmp_path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(InputError, match="Make room"):
            collect(tmp_path, infos, CountingReader(infos))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list((tmp_path / "pool").iterdir()) == []


def test_a_pool_does_not_depend_on_how_many_photos_are_read_at_once(tmp_path):
    infos = make_infos(tmp_path, 12)
    half_white = coordinates(HEIGHT, WIDTH)
    half_white[:, WIDTH // 2 :] = 1
    frames = {"1.tif": half_white, "4.tif": half_white}
    pools = []
    for threads in (1, 2, 16):
        pools.append(collect(tmp_path / str(threads), infos, CountingReader(infos, ("2.tif",), frames), 200, threads=threads))
    for pool in pools[1:]:
        assert pool.names == pools[0].names
        np.testing.assert_array_equal(pool.tiles, pools[0].tiles)


def test_what_a_photo_cannot_give_is_asked_of_later_ones(tmp_path):
    infos = make_infos(tmp_path, 20)
    pool = collect(tmp_path, infos, CountingReader(infos, bad=("0.tif", "1.tif", "2.tif")), 200)
    assert len(pool) == 200


def test_photos_are_read_at_once_only_where_memory_holds_them(tmp_path, monkeypatch):
    infos = make_infos(tmp_path, 12)
    monkeypatch.setattr("ddm_studio.photos.patches.HostMemory.free", lambda memory: 100 * WIDTH * HEIGHT)
    reading, most = [], []

    class Watched(CountingReader):
        def __call__(self, path):
            reading.append(path)
            most.append(len(reading))
            time.sleep(0.01)
            reading.remove(path)
            return super().__call__(path)

    collect(tmp_path, infos, Watched(infos))
    assert max(most) == 1


@pytest.mark.slow
def test_memory_stays_at_the_photos_that_are_being_read(tmp_path):
    """A 24 MP photo takes 288 MB as float32; the decoder's buffers and the tiles come on top, nothing else."""
    import subprocess
    import sys

    rng = np.random.default_rng(0)
    for name in "abcd":
        save_tiff(tmp_path / f"{name}.tif", rng.integers(0, 60000, (4000, 6000, 3)).astype(np.uint16))
    program = f"""
import resource
from pathlib import Path
from ddm_studio.control import RunControl
from ddm_studio.photos.library import list_photos
from ddm_studio.photos.patches import collect_tiles
photos = list_photos(Path({str(tmp_path)!r})).photos
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
collect_tiles(photos, Path({str(tmp_path)!r}) / "pool", "blurry", 96, 600, 0, None, [].append, RunControl(), 2)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 2 * 900


def test_the_pool_remembers_how_many_places_were_tried_and_what_each_photo_looks_like(tmp_path):
    infos = make_infos(tmp_path, 2)
    half_white = coordinates(HEIGHT, WIDTH)
    half_white[:, WIDTH // 2 :] = 1
    pool = collect(tmp_path, infos, CountingReader(infos, frames={"1.tif": half_white}), 40)
    found = np.bincount(pool.photo)
    assert pool.asked == (20, 20)
    assert found[0] == 20
    assert 5 <= found[1] < 15
    assert len(set(pool.looks)) == 2
    again = open_tiles(tmp_path / "pool", "blurry")
    assert (again.asked, again.looks) == (pool.asked, pool.looks)
