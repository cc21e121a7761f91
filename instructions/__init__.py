"""The instruction pools, one TOML file a task."""
