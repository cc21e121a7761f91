"""What a finished dataset is held against: validation and statistics, from the manifests and the shards alone."""
