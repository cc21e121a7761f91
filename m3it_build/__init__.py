"""Builds the M3IT multi-modal, multilingual instruction-tuning dataset from its raw sources."""

__version__ = "0.1.0"
