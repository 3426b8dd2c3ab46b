"""One BLAS thread, set before NumPy is loaded: these arrays are small, and spinning threads only disturb each other."""

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
