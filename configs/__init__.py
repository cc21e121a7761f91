"""Settings, counts, prompts and thresholds, as data."""
