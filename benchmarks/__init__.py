"""Speeds and memory, measured: `python -m benchmarks` runs all, `python -m benchmarks recording` the ones named."""
