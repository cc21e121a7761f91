"""How raw layouts are read: files on disk or in archives, JSON, CSV, Parquet, and the media that they name."""
