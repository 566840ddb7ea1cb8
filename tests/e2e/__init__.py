"""Browser stories: a real product, a real Chromium."""
