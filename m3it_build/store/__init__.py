"""Bytes and names on disk: layout, atomic writes, JSONL, Parquet, manifests."""
