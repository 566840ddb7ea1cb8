"""Imports on the staff face: templates, uploads, what was found out about each row, saving."""
