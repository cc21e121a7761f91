"""Makes the bundled samples: one module a task, each with `make(folder)`, and the kit with which they draw."""
