"""Plan -> shards -> engine: what is built, in which order, by whom."""
