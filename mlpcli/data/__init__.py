"""Data in: files and named sets to tables, tables to samples.

A table: bytes are lines (text), rows (rows) with a layout (layout), cells (cells) of numbers and words (categories),
columns that play a part (columns), blocks of numbers (blocks), and a data set (table, dataset).

Reading order: text, cells, rows, layout, categories, columns, blocks, dataset, table; packed, npz, readers; images,
named; targets, preparation.
"""
