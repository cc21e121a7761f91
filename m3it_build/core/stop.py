"""The signals that ask a command to end."""

import signal

STOPS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Ctrl-C; what `kill` and a machine that shuts down send; a terminal that closes."""
