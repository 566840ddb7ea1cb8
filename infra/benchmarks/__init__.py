"""Benchmarks of the product against a floor measured in the same run.

Machines differ and are noisy: what counts is the ratio to the floor, which writes the same business
rows into the same tables with the same indexes, by the fewest plain statements.
"""
