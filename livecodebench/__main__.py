"""`python -m livecodebench`: the command, where its script is not on the path."""

from livecodebench.cli import main

if __name__ == "__main__":
    main()
