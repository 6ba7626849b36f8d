"""From a path to a judged log, on this machine: the only place that sees every other package."""
