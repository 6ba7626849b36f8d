"""A campaign folder: candidates, vehicles and cards, as people keep them in git."""
