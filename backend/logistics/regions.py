"""Regions are named by the lanes; an address lies in the region whose name stands in it, the longest name first."""

from collections.abc import Iterable


def region_in(text: str, regions: Iterable[str]) -> str:
    """The region an address lies in, or nothing."""
    found = [region for region in set(regions) if region and region.lower() in text.lower()]
    return max(found, key=lambda region: (len(region), region), default="")
