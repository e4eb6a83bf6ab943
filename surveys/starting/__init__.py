"""The first run: from an empty database to the first wave in five steps."""
