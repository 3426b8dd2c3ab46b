"""Jobs: what imports, downloads, writes, trains. They are declared as questions are, and answer with what they made."""

from explorer.questions.jobs.causes import Causes, Rescaling
from explorer.questions.jobs.comparison import Compare
from explorer.questions.jobs.corpora import Lexicon, Sisters, Train
from explorer.questions.jobs.job import Job, never
from explorer.questions.jobs.models import Download, Export, Import, Index, Project, Push
from explorer.questions.jobs.translators import Fit
from explorer.questions.jobs.watch import PASTED, Watch

__all__ = ["JOBS", "PASTED", "Compare", "Download", "Fit", "Import", "Job", "Project", "Watch", "never"]

JOBS: dict[str, type[Job]] = {
    job.name: job
    for job in (
        Import,
        Download,
        Export,
        Push,
        Index,
        Project,
        Train,
        Sisters,
        Lexicon,
        Fit,
        Watch,
        Compare,
        Causes,
        Rescaling,
    )
}
"""Every job that a user can start, by name, in the order in which help and reference list them."""
