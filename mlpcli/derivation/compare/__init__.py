"""The numbers of somebody else beside a trace: the first that differs, and the usual mistake that explains it.

Reading order: given, header, file; mistakes, readings; case, question, causes, comparing; report.
"""
