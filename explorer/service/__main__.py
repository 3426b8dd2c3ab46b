"""The script of a worker, see `explorer.service.worker`, or of a job, see `explorer.service.jobs.process`."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.append(str(Path(__file__).resolve().parents[2]))
    if sys.argv[1:2] == ["job"]:
        from explorer.service.jobs.process import main as carry_out

        carry_out(sys.argv[2:])
    else:
        from explorer.service.worker import main

        main()
