"""The shards of planned splits: pictures read, checked and drawn on, instructions chosen, rows committed."""
