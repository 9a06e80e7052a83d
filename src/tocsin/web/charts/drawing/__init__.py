"""What charts are made of: paths, texts that fit, and figures with words and a table."""
