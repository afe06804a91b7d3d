"""The installed PySide6 keeps its references: 6.12.0 on Python 3.11 loses one to None per call and aborts the interpreter."""

import os
import subprocess
import sys

import pytest

CODE = """
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QLabel

class Speaker(QObject):
    said = Signal(int)

app = QApplication([])
label, speaker, heard = QLabel(), Speaker(), []
speaker.said.connect(heard.append)
for number in range(50_000):
    label.setText(str(number % 7))
    speaker.said.emit(number)
assert len(heard) == 50_000
print("survived")
"""


@pytest.mark.slow
def test_fifty_thousand_cheap_calls_and_signals_survive():
    # In a process of its own: losing the references would take pytest along.
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "survived\n"
