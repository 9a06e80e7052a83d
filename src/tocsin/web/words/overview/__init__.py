"""What the situation room says."""
