"""``python -m mnistlab``: the command line, see `mnistlab.cli`."""

from mnistlab.cli import main

if __name__ == "__main__":
    main()
