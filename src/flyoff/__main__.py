"""``python -m flyoff`` is ``flyoff``."""


def main() -> None:
    """Run the command line, which a worker that imports this anew has no use for."""
    from flyoff.cli.main import app

    app(prog_name="flyoff")


if __name__ == "__main__":
    main()
