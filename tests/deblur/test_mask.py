"""A mask has one value at a place, whoever looks at it and however much of the photo; edges are soft; later parts lie over earlier ones."""

import numpy as np
import pytest
from pydantic import ValidationError

from ddm_studio.deblur.blending import blend
from ddm_studio.deblur.mask import Gradient, Mask, MaskSampler, Stroke, mask_values
from ddm_studio.settings import BlendSettings

WIDTH, HEIGHT = 90, 60
CURVE = Stroke(points=((20.0, 15.0), (50.0, 40.0), (80.0, 20.0)), radius=12.0, softness=0.6)
SLOPE = Gradient(start=(30.0, 10.0), end=(60.0, 40.0))
DOT = Stroke(points=((45.0, 30.0),), radius=10.0, softness=0.5)


def whole(*parts, inverted=False):
    return mask_values(Mask(parts=parts, inverted=inverted), 0, 0, WIDTH, HEIGHT)


@pytest.mark.parametrize("parts", [(CURVE,), (SLOPE,), (SLOPE, CURVE.model_copy(update={"erases": True}), DOT)])
@pytest.mark.parametrize("inverted", [False, True])
def test_every_part_of_the_photo_has_the_values_of_the_whole(parts, inverted):
    complete = whole(*parts, inverted=inverted)
    for left, top, width, height in ((0, 0, 31, 60), (13, 7, 40, 20), (89, 59, 1, 1)):
        window = mask_values(Mask(parts=parts, inverted=inverted), left, top, width, height)
        np.testing.assert_array_equal(window, complete[top : top + height, left : left + width])


def test_a_stroke_is_whole_along_its_line_and_gone_beyond_its_radius():
    values = whole(CURVE)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    (x0, y0), (x1, y1), _ = CURVE.points
    assert values[round((y0 + y1) / 2), round((x0 + x1) / 2)] == 1
    far = np.all([np.hypot(rows - y, columns - x) > 45 for x, y in CURVE.points], axis=0)
    assert values[far].max() == 0
    alone = whole(DOT)
    distance = np.hypot(rows - 30, columns - 45)
    assert np.all(alone[distance < 5] == 1)
    assert np.all(alone[distance > 10] == 0)
    order = np.argsort(distance, axis=None)
    assert np.all(np.diff(alone.ravel()[order]) <= 1e-6)


def test_a_stroke_over_itself_is_not_darker_than_once():
    back_and_forth = DOT.model_copy(update={"points": ((30.0, 30.0), (60.0, 30.0), (30.0, 30.0))})
    once = DOT.model_copy(update={"points": ((30.0, 30.0), (60.0, 30.0))})
    np.testing.assert_array_equal(whole(back_and_forth), whole(once))


@pytest.mark.parametrize("softness", [0.0, 0.3, 1.0])
def test_no_edge_is_a_step(softness):
    values = whole(DOT.model_copy(update={"softness": softness}))
    steps = np.abs(np.diff(values, axis=1)).max()
    assert steps < 0.95
    assert (softness < 1) or steps < 0.2


def test_a_gradient_falls_from_its_start_to_its_end_and_only_across():
    values = whole(Gradient(start=(20.0, 5.0), end=(60.0, 5.0)))
    assert np.all(values[:, :20] == 1)
    assert np.all(values[:, 60:] == 0)
    assert np.all(np.diff(values[0]) <= 0)
    np.testing.assert_array_equal(values, np.broadcast_to(values[0], values.shape))
    assert whole(Gradient(start=(20.0, 5.0), end=(20.0, 5.0))).max() == 0


def test_later_parts_lie_over_earlier_ones():
    eraser = DOT.model_copy(update={"erases": True})
    everywhere = Gradient(start=(1000.0, 0.0), end=(2000.0, 0.0))
    assert whole(everywhere, eraser)[30, 45] == 0
    assert whole(everywhere, eraser)[5, 5] == 1
    assert whole(eraser, everywhere)[30, 45] == 1
    np.testing.assert_allclose(whole(everywhere, eraser), whole(DOT, inverted=True), atol=1e-6)


def test_one_that_goes_on_is_what_it_would_be_at_once():
    sampler = MaskSampler(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    longer = CURVE.model_copy(update={"points": (*CURVE.points, (85.0, 50.0))})
    eraser = DOT.model_copy(update={"erases": True})
    for parts in ((CURVE,), (longer,), (longer, eraser), (longer, eraser, SLOPE), (longer,), (), (SLOPE,)):
        np.testing.assert_array_equal(sampler.values(Mask(parts=parts)), whole(*parts))


def test_it_is_the_same_after_it_was_written_down():
    mask = Mask(parts=(CURVE, SLOPE, DOT), inverted=True)
    assert Mask.model_validate_json(mask.model_dump_json()) == mask
    for nonsense in (
        '{"kind": "brush", "points": [], "radius": 3}',
        '{"kind": "spray"}',
        '{"kind": "brush", "points": [[1, 2]], "radius": 0}',
    ):
        with pytest.raises(ValidationError):
            Mask.model_validate_json('{"parts": [' + nonsense + "]}")


def test_the_mixture_is_the_result_inside_the_photo_outside_and_in_linear_light_between():
    random = np.random.default_rng(3)
    blurry, restored = (random.random((HEIGHT, WIDTH, 3), np.float32) for _ in range(2))
    values = whole(DOT)
    mixture = blend(blurry, restored, BlendSettings(), mask=values)
    np.testing.assert_array_equal(mixture[values == 0], blurry[values == 0])
    np.testing.assert_array_equal(mixture[values == 1], restored[values == 1])
    weaker = blend(blurry, restored, BlendSettings(strength=0.5), mask=values)
    np.testing.assert_allclose(weaker, blurry + 0.5 * values[:, :, None] * (restored - blurry), atol=1e-6)
    with pytest.raises(ValueError, match="mask"):
        blend(blurry, restored, BlendSettings(), mask=values[:-1])
