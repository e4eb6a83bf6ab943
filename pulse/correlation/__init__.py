"""The method: what paired monthly cells say about each fix. NumPy and SciPy only."""
