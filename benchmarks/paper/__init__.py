"""The experiments of the paper (arXiv 2506.14605), one command each: `python -m benchmarks.paper EXPERIMENT --data DIR`."""
