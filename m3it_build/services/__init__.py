"""What is slow or paid and belongs to somebody else: chat models, translation models."""
