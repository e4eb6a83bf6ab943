"""Irritants and fixes put on record on screen: before launch, with what is expected, and then frozen."""
