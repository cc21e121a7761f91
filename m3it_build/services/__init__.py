"""What is slow or paid, each behind a Protocol or a store: the chat client, its limits and budget, the answers."""
