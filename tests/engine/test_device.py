"""The device is the one asked for, and the threads are as many as may be used."""

import os
import sys
import threading

import pytest
import torch

from ddm_studio.engine.device import THREADS_VARIABLE, choose_device, prepare_engine_thread, usable_cores
from ddm_studio.errors import InputError
from ddm_studio.settings import Device


@pytest.fixture(autouse=True)
def threads_as_before():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_the_tests_themselves_run_on_one_thread():
    assert torch.get_num_threads() == 1


def test_cpu_is_always_cpu():
    assert choose_device(Device.CPU) == torch.device("cpu")


def test_auto_picks_cuda_where_there_is_one():
    assert choose_device(Device.AUTO).type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_is_cuda():
    assert choose_device(Device.CUDA).type == "cuda"


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without CUDA")
def test_cuda_where_there_is_none_is_refused_with_advice():
    with pytest.raises(InputError, match=r"cuda is not available.*--device cpu"):
        choose_device(Device.CUDA)


def test_a_window_is_left_a_core(monkeypatch):
    monkeypatch.delenv(THREADS_VARIABLE, raising=False)
    assert in_a_thread(lambda: prepare_engine_thread(beside_window=True)) == max(1, usable_cores() - 1)
    assert in_a_thread(lambda: prepare_engine_thread(beside_window=False)) == usable_cores()


def test_the_environment_sets_the_threads(monkeypatch):
    monkeypatch.setenv(THREADS_VARIABLE, "1")
    assert prepare_engine_thread(beside_window=False) == 1
    assert torch.get_num_threads() == 1


@pytest.mark.parametrize("wish", ["0", "-1", "many", "1.5"])
def test_a_wrong_number_of_threads_is_refused(monkeypatch, wish):
    monkeypatch.setenv(THREADS_VARIABLE, wish)
    with pytest.raises(InputError, match=THREADS_VARIABLE):
        prepare_engine_thread(beside_window=False)


@pytest.mark.skipif(sys.platform != "linux", reason="threads have their own niceness on Linux only")
def test_only_the_thread_beside_a_window_is_niced():
    def niceness():
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def beside_window():
        prepare_engine_thread(beside_window=True)
        return niceness()

    before = niceness()
    assert in_a_thread(beside_window) >= 10
    assert niceness() == before
    prepare_engine_thread(beside_window=False)
    assert niceness() == before


@pytest.mark.parametrize(("quota", "expected"), [("100000 100000\n", 1), ("max 100000\n", None), ("50000 100000\n", 1), ("nonsense", None)])
def test_the_quota_of_a_container_counts(tmp_path, quota, expected):
    (tmp_path / "cpu.max").write_text(quota)
    without = usable_cores(tmp_path / "none")
    assert usable_cores(tmp_path / "cpu.max") == (expected or without)


def in_a_thread(work):
    results = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    thread.join()
    return results[0]
