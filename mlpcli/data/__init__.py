"""Data in: files and named sets to tables, tables to samples.

Reading order: dataset, text, delimited, packing, archive, npz, idx, sample_files, readers, generated, fetching, images,
named, splitting, targets, preparation.
"""
