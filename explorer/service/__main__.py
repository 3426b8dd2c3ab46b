"""The script of a worker, see `explorer.service.worker`."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.append(str(Path(__file__).resolve().parents[2]))
    from explorer.service.worker import main

    main()
