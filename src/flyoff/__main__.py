"""``python -m flyoff`` is ``flyoff``."""

from flyoff.cli import main

if __name__ == "__main__":
    main()
