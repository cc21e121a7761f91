"""For maintainers: samples, benchmarks, new tasks."""
