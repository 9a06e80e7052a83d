"""What the console says of readings."""
