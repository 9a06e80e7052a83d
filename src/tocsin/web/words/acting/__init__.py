"""What people read where something is said."""
