"""How a process that stays up collects garbage."""

import gc


def spare_the_collector() -> None:
    """What is loaded now stays: the collector need not look through it (tenths of a second) in the middle of a page."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
