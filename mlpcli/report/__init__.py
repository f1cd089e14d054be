"""Records to text: what a command found as a table for people, or as JSON, CSV, Markdown, LaTeX or HTML.

Reading order: text, sheet, terminal, renderers; then one module per command.
"""
