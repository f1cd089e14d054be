"""Data in: files and named sets to tables, tables to samples.

A table: bytes are lines (text) in a dialect (dialect), rows (rows) below a header (layout), and cells (cells) of
numbers and categories (categories). Its columns play a part (columns). They are read in blocks of numbers (delimited,
blocks, row_parsing), or refused (problems). What says nothing is left out (cleaning), what may surprise is noted
(remarks), and the rest is a data set (table, dataset). What `mlp inspect` shows of it: profile.

Reading order: text, cells, dialect, rows, layout, categories, columns, problems, row_parsing, blocks, delimited,
remarks, cleaning, dataset, table, profile; binary_tables; packed, npz, readers; images, named; targets,
preparation.
"""
