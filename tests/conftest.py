"""What all tests share."""

import os

# Before NumPy is loaded: these arrays are small, and threads that wait for each other only disturb.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(variable, "1")


def pytest_terminal_summary(terminalreporter):
    passed = terminalreporter.stats.get("passed", [])
    compared = sum(("pytorch_configuration" in dict(report.user_properties)) for report in passed)
    if compared:
        terminalreporter.write_line(
            f"{compared} configurations drawn at random agree with PyTorch, values and gradients."
        )
