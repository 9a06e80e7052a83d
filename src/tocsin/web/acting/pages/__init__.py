"""The pages of this part: forms, confirmations, what waits, keys, and what is proposed."""
