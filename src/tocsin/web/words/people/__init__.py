"""What pages about people say."""
