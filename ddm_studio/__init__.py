"""DDM Studio: unpaired lens calibration and deblurring."""

__version__ = "0.1.0"
