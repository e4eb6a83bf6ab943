"""Where a side has no room left for a rise: apart from the method, for pages know it without NumPy."""

CEILING = 8.5  # points: staff who score higher before the start have no room left for a rise
