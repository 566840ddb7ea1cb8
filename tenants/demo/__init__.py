"""Sample data: a stationery wholesaler with a few partners, items and documents in different states.

Everything is made through the services that people use, so it obeys the same rules. ``story`` holds the words and numbers in
both languages, ``masters`` and ``documents`` lay them, ``companies`` makes the two demo companies with people to sign in as.
"""
