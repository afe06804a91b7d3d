"""One screenless, single-threaded world for every test.

With one thread sums are made in one order, and runs can be compared bit for bit.
"""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["DDM_STUDIO_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
