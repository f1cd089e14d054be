"""What a command reports, as a table for people, or as JSON, CSV, Markdown, LaTeX or HTML.

Records first: a report holds sheets, and sections with formulas; a form renders it.

Reading order: sheet, numbers, text, notation; screen, terminal, renderers; curves, cells, curves_text; typesetting,
equations, markdown, latex; html_text, html_formulas, html_curves, html; network_report.
"""
