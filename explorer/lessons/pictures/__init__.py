"""Pictures of a lesson, drawn from its trace: each is an answer that knows its numbers as JSON and draws itself as SVG."""
