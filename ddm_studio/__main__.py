"""`python -m ddm_studio` is `ddm-studio`."""

from __future__ import annotations

import sys

from ddm_studio.cli import main

if __name__ == "__main__":
    sys.exit(main())
