"""What a command reports, as a table for people, or as JSON, CSV, Markdown, LaTeX or HTML.

A report is a record: it has sheets, and sections with formulas. A form renders it.

Reading order: sheet, numbers, text, notation; terminal, renderers; curves, cells, curves_text; typesetting,
equations, markdown, latex; html_text, html_formulas, html_curves, html; network_report.
"""
