"""Arrays to estimates; knows nothing of drones."""
