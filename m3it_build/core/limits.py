"""How much of a source is taken into memory at once; more is a mistake or an attack."""

PICTURE_BYTES = 64 << 20
"""Of a picture, wherever it lies."""
CLIP_BYTES = 2 << 30
"""Of a clip that lies in an archive or is compressed; one on disk is read piece by piece, whatever its size."""
COLUMN_BYTES = 2 << 30
"""Of the pictures in one row group of a Parquet file."""
