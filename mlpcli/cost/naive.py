"""The lecture's naive tensor operations: loops over single numbers, in plain Python.

They show what an operation means, serve as oracles in tests, and tell how much the vectorised ones save. A vector is a
sequence of numbers, a matrix a sequence of rows.
"""

from collections.abc import Sequence
from typing import Any

Vector = Sequence[Any]
Matrix = Sequence[Sequence[Any]]


def naive_add(x: Matrix, y: Matrix) -> list[list[Any]]:
    """zᵢⱼ = xᵢⱼ + yᵢⱼ"""
    z = []
    for i in range(len(x)):
        row = []
        for j in range(len(x[i])):
            row.append(x[i][j] + y[i][j])
        z.append(row)
    return z


def naive_relu(x: Matrix) -> list[list[Any]]:
    """zᵢⱼ = max(0, xᵢⱼ)"""
    z = []
    for i in range(len(x)):
        row = []
        for j in range(len(x[i])):
            row.append(max(0, x[i][j]))
        z.append(row)
    return z


def naive_vector_dot(x: Vector, y: Vector) -> Any:
    """z = Σᵢ xᵢyᵢ"""
    z = 0
    for i in range(len(x)):
        z += x[i] * y[i]
    return z


def naive_matrix_vector_dot(x: Matrix, y: Vector) -> list[Any]:
    """zᵢ = Σⱼ xᵢⱼyⱼ: one vector product per row"""
    z = []
    for i in range(len(x)):
        z.append(naive_vector_dot(x[i], y))
    return z


def naive_matrix_dot(x: Matrix, y: Matrix) -> list[list[Any]]:
    """zᵢⱼ = Σₖ xᵢₖyₖⱼ: one vector product per row of x and column of y"""
    z = []
    for i in range(len(x)):
        row = []
        for j in range(len(y[0])):
            column = [y[k][j] for k in range(len(y))]
            row.append(naive_vector_dot(x[i], column))
        z.append(row)
    return z
