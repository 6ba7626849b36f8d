"""``python -m flyoff`` is ``flyoff``."""

from flyoff.cli.main import app

if __name__ == "__main__":
    app(prog_name="flyoff")
