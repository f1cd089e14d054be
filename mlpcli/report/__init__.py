"""Records to text: what a command found as a table for people, or as JSON, CSV or Markdown for programs and pages.

Reading order: text, sheet, terminal, renderers; then one module per command.
"""
