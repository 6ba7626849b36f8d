"""``flyoff serve``: the page and its API, over the numbers of ``views``."""
