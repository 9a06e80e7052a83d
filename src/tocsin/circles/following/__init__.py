"""Following the other members' logs: accepting what they push, holding it, and filling gaps."""
