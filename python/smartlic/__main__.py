"""`python -m smartlic` is the `smartlic` program."""

from smartlic.cli import main

if __name__ == "__main__":
    main()
