"""`carry`: a line without a network, by files that somebody carries from node to node."""
