"""The company without a face: one package per business area, and nothing a person looks at.

Imports go down only (see ``[tool.importlinter]`` in pyproject.toml): an area calls the areas below
it, publishes events upwards and never reaches sideways.
"""
