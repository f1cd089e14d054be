"""Somebody's own numbers beside a trace: the first that differs, and the usual mistake that makes exactly it.

Reading order: given, header, file; mistakes, readings; case, causes, comparing; report.
"""
