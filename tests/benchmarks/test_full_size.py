from benchmarks.full_size import make_photo, measure
from ddm_studio.photos.reading import read_photo
from ddm_studio.settings import Method


def test_a_run_of_the_command_is_measured_and_leaves_a_photo_of_the_same_size(tmp_path):
    photo, profile = make_photo(tmp_path, 0.06, 0)
    run = measure(photo, profile, Method.WIENER, 1)
    assert run.processor_seconds > 0
    assert 0.1 < run.peak < 2
    (result,) = (tmp_path / "out").glob("*.tif")
    assert read_photo(result).info.frame == read_photo(photo).info.frame == (300, 200)
