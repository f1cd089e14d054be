"""Data in: files and named sets to tables, tables to samples.

A table: bytes are lines (text) in a dialect (dialect), rows (rows) below a header (layout), cells (cells) of numbers
and categories (categories), columns that play a part (columns), blocks of numbers (blocks) without what says nothing
(cleaning), and a data set (table, dataset). What `mlp inspect` shows of it: profile.

Reading order: text, cells, dialect, rows, layout, categories, columns, blocks, cleaning, dataset, table, profile;
workbook, parquet, database; packed, npz, readers; images, named; targets, preparation.
"""
