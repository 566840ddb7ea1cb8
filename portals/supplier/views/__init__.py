"""Views of the supplier portal."""
