import pytest
import torch
from deepinv.models import DRUNet

from benchmarks import on_card
from benchmarks.full_size import deblur_command, main, make_photo, measure, photo_seconds
from benchmarks.on_card import denoising_network, operations_per_pixel, restore
from ddm_studio.deblur import weights
from ddm_studio.photos.reading import read_photo
from ddm_studio.settings import DeblurSettings, Device, Method

WITHOUT_A_CARD = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a card here")


def test_a_run_of_the_command_is_measured_and_leaves_a_photo_of_the_same_size(tmp_path):
    photo, profile = make_photo(tmp_path, 0.06, 0)
    run = measure(deblur_command(photo, profile, Method.WIENER), 1)
    assert run.processor_seconds > 0
    assert 0.1 < run.peak < 2
    assert 0 < photo_seconds(photo, Method.WIENER) < run.seconds
    (result,) = (tmp_path / "out").glob("*.tif")
    assert read_photo(result).info.frame == read_photo(photo).info.frame == (300, 200)


@WITHOUT_A_CARD
def test_without_a_card_nothing_is_measured_and_it_says_so(tmp_path, capsys):
    assert main(["--device", "cuda", "--denoiser", "drunet", "--methods", "dpir"]) == 2
    told = capsys.readouterr()
    assert "no CUDA graphics card" in told.err
    assert told.out == ""
    assert on_card.main([str(tmp_path / "a.tif"), str(tmp_path / "a.lens"), str(tmp_path)]) == 2


def test_operations_are_two_for_each_product_of_every_convolution():
    network = DRUNet(nc=(8, 16, 24, 32), nb=1, pretrained=None)
    products = 0.0

    def count(module, given, result):
        nonlocal products
        # Each weight of a convolution is used once per pixel of its result, of a transposed one once per pixel of what it is given.
        pixels = (given[0] if isinstance(module, torch.nn.ConvTranspose2d) else result)[0, 0].numel()
        products += module.weight.numel() * pixels

    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d | torch.nn.ConvTranspose2d):
            module.register_forward_hook(count)
    counted = operations_per_pixel(network)
    products = 0.0
    with torch.no_grad():
        network(torch.zeros(1, 3, 96, 64), 0.1)
    assert counted == pytest.approx(2 * products / (96 * 64))


def test_a_network_of_the_published_shape_stands_in_where_the_published_one_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(weights.preferences, "cache_folder", lambda: tmp_path)
    network, kind = denoising_network("drunet")
    assert kind == "random"
    assert sum(tensor.numel() for tensor in network.state_dict().values()) * 4 == pytest.approx(weights.DRUNET.size, rel=0.01)


def test_a_photo_is_restored_and_every_call_of_the_network_counted(tmp_path):
    photo, profile = make_photo(tmp_path, 0.06, 0)
    network = DRUNet(nc=(8, 8, 8, 8), nb=1, pretrained=None)
    run = restore(photo, profile, tmp_path / "out", network, "random", DeblurSettings(method=Method.DPIR, device=Device.CPU))
    assert read_photo(tmp_path / "out" / "0.06_card.tif").info.frame == (300, 200)
    # Four steps over the whole photo and its context.
    assert run.operations > 4 * 300 * 200 * operations_per_pixel(network)
    assert run.share(run.network_seconds) > run.share(10 * run.network_seconds) > 0
