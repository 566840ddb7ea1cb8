"""Views of the public face and of accounts."""
