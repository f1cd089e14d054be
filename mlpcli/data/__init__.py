"""Data in: files and named sets to tables, tables to samples.

Reading order: dataset; text, cells, delimited; packed, npz, readers; images, named; targets, preparation.
"""
