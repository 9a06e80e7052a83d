"""What is seen of people: coming in, one's own account, everybody's, and the audit."""
