"""Starts, watches and stops the local services (PostgreSQL, Valkey, Stripe emulator, web, worker, beat).

Everything here that runs before the virtual environment exists uses the standard library alone. The runner knows
nothing of the business: it knows processes, ports, folders and environment variables.
"""
