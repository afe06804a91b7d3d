from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from ddm_studio.engine.output_names import free_targets, output_names, safe_name
from ddm_studio.settings import DeblurSettings

RESERVED = ["con", "PRN", "nul", "aux", "com1", "Lpt9"]


def save_shot(path: Path) -> Path:
    exif = Image.Exif()
    exif.get_ifd(0x8769).update({0x9003: "2026:01:31 23:59:59", 0xA434: "35mm f/1.8: soft"})
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(path, exif=exif)
    return path


def names(template: str, *photos: Path) -> list[str]:
    return [Path(name).stem for name in output_names(photos, template, "wiener", lambda photo: "old 35", ".png")]


def test_a_template_names_the_photo_the_shot_and_the_profile(tmp_path: Path) -> None:
    shot, plain = save_shot(tmp_path / "shot.jpg"), tmp_path / "gone.jpg"
    assert names("{name}_{method}", shot, plain) == ["shot_wiener", "gone_wiener"]
    assert names("{date} {lens} {number}", shot, plain) == ["2026-01-31 35mm f-1.8- soft 001", "unknown unknown 002"]
    assert names("{profile}-{number}", shot) == ["old 35-001"]
    assert names("{number}", *[plain] * 1000)[-1] == "1000"


@pytest.mark.parametrize("name", [*RESERVED, "a/b", "a\\b", 'a<b>:"|?*c', "ends with a point.", " blanks ", "a\tb", "", "...", "ä" * 200])
def test_names_are_safe_everywhere(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert safe == safe.strip().rstrip(".")
    assert not set(safe) & set('<>:"/\\|?*\t')
    assert safe.casefold() not in {word.casefold() for word in RESERVED}
    assert len(safe.encode()) < 200
    assert safe_name(safe) == safe


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{nome}", "not known"),
        ("{name", "brace"),
        ("{name:>9}", "not known"),
        ("{name!r}", "not known"),
        ("{0}", "not known"),
        ("{name.parent}", "not known"),
        ("{method}", "same for every photo"),
        ("", "same for every photo"),
        ("a/{name}", "letter"),
        ("{name}\n", "letter"),
    ],
)
def test_a_wrong_template_is_refused_with_the_reason(template: str, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        DeblurSettings(name=template)


def test_no_name_is_taken_twice_nor_from_a_source_nor_from_a_file_of_somebody_else(tmp_path: Path) -> None:
    sources = [tmp_path / "a" / "x.png", tmp_path / "b" / "X.png", tmp_path / "x_wiener.tif"]
    (tmp_path / "X_wiener_3.tif").write_text("a file of somebody else")
    targets = free_targets(sources, ["x_wiener.tif", "X_wiener.tif", "y.tif"], tmp_path)
    assert [target.name for target in targets] == ["x_wiener_2.tif", "X_wiener_4.tif", "y.tif"]
