"""You said, we did: what was raised, what was done about it and what came of it, for staff and customers."""
