"""Slow reading happens elsewhere, and its answers come home."""

import threading

import pytest

from ddm_studio.gui.background import Answer, BackgroundReader


@pytest.fixture
def answers():
    return []


@pytest.fixture
def reader(qtbot, answers):
    made = BackgroundReader()
    made.answered.connect(answers.append)
    yield made
    made.shut_down()


def test_an_answer_comes_from_another_thread(reader, answers, qtbot):
    reader.ask("who", threading.get_ident)
    qtbot.waitUntil(lambda: len(answers) == 1)
    assert answers[0].key == "who"
    assert answers[0].value != threading.get_ident()


def test_an_error_is_an_answer(reader, answers, qtbot):
    reader.ask("bad", lambda: 1 / 0)
    qtbot.waitUntil(lambda: len(answers) == 1)
    assert isinstance(answers[0].error, ZeroDivisionError)


def test_the_newest_question_is_answered_first_and_the_oldest_forgotten(qtbot):
    answers: list[Answer] = []
    gate = threading.Event()
    reader = BackgroundReader(newest_first=True, limit=3)
    reader.answered.connect(answers.append)
    reader.ask("first", gate.wait)
    qtbot.waitUntil(lambda: reader._thread.isRunning())
    qtbot.wait(30)
    forgotten = [key for number in range(5) for key in reader.ask(number, lambda: None)]
    gate.set()
    qtbot.waitUntil(lambda: len(answers) == 4)
    assert forgotten == [0, 1]
    assert [answer.key for answer in answers] == ["first", 4, 3, 2]
    reader.shut_down()


def test_after_shutting_down_nothing_is_asked_or_answered(qtbot):
    answers: list[Answer] = []
    reader = BackgroundReader()
    reader.answered.connect(answers.append)
    reader.ask("a", lambda: 1)
    reader.shut_down()
    reader.ask("b", lambda: 2)
    qtbot.wait(80)
    assert answers == []


def test_a_reader_that_was_never_asked_shuts_down(qtbot):
    BackgroundReader().shut_down()
