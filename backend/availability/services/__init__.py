"""Writes of availability: demand, supply, planning (what follows), suggestions, promises."""
