"""What charts say."""
