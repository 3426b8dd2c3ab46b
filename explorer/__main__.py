import sys

from explorer.cli import main

# Training starts processes that import this module again, and must not start the command a second time.
if __name__ == "__main__":
    sys.exit(main())
