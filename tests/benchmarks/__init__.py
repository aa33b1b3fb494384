"""Benchmarks of what the library promises about speed and memory.

Run them with `python -m tests.benchmarks`; `--help` lists what can be chosen.
"""
