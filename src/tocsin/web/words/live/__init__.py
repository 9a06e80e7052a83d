"""What part live says."""
