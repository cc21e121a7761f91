"""One module a task. The registry imports them by name; helpers shared by tasks start with an underscore."""
