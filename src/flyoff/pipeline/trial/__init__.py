"""Counter-drone trials: the folder, the logs and the sensors' files, to scores and verdicts."""
