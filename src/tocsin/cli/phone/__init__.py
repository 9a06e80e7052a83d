"""`phone`: what two people read to each other in a call, on the screen (`command`) or on paper (`sheet`)."""
