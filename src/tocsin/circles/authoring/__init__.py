"""Writing this node's own log, and bringing it to every member."""
