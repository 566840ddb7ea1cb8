"""Views of the customer portal."""
