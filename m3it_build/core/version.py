"""Which m3it this is; a plan notes it."""

__version__ = "0.1.0"
