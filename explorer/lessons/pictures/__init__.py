"""Pictures of a lesson, drawn from its trace: answers that have their numbers as JSON and draw themselves as SVG."""
