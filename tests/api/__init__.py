"""The API, called as programs call it: with tokens, at a company's host."""
