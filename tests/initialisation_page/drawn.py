"""What the page has drawn, and results for it to draw."""

import base64
import json
from dataclasses import replace

import numpy as np

from explorer.initialisation import library, runner
from explorer.initialisation.collected import collect
from explorer.initialisation.experiment import about
from explorer.initialisation.results import Results
from explorer.initialisation.summary import Summary
from tests.initialisation import made_up


def keep(plan, folder):
    """Write made-up results of a plan where a run would."""
    results = Results(folder / plan.name)
    for job, row in made_up.collected(plan).compared.items():
        digest = about(plan, job)["digest"]
        results.rows[digest] = replace(row, digest=digest)
    results.gather()
    (folder / plan.name / runner.PLAN_FILE).write_text(plan.as_toml(), encoding="utf-8")


def xs(trace):
    """Where a trace's marks lie; Plotly packs many numbers into bytes."""
    x = trace["x"]
    return np.frombuffer(base64.b64decode(x["bdata"]), x["dtype"]).tolist() if isinstance(x, dict) else x


def summary_of(name="made up"):
    return Summary(collect(library.plan(name), library.folder(name)))


def figure(app, key):
    (chart,) = [chart for chart in app.get("plotly_chart") if key in chart.proto.id]
    return json.loads(chart.proto.spec)


def marks(app, key="forest"):
    """The rows of the forest's marks, a set for each symbol."""
    rows = {}
    for trace in figure(app, key)["data"]:
        if trace["mode"] == "markers":
            rows.setdefault(trace["marker"]["symbol"], []).extend(each[:2] for each in trace["customdata"])
    return rows


def table(app):
    (component,) = [component for component in app.get("bidi_component") if component.key == "comparison_table"]
    return json.loads(component.proto.json)


def press(app, label):
    (button,) = [button for button in app.button if button.label == label]
    button.click().run()
