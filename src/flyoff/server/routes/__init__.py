"""The routes of the API, a file a subject; who may call which stands in ``access.py`` alone."""
