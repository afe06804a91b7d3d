"""The window. Nothing here, nor below, loads torch: the engine does, on its own thread."""
