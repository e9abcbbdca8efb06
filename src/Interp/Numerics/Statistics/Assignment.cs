namespace Interp;

/// <summary>The best one-to-one assignment.</summary>
/// <remarks>
/// The Hungarian method by shortest augmenting paths (Kuhn 1955; Jonker and Volgenant 1987): each row in turn is given a column along the
/// path of least reduced cost, and the potentials are moved so that reduced costs stay non-negative. O(rows² · columns) at worst.
/// </remarks>
internal static class Assignment
{
    /// <summary>The column of each row such that the sum of scores is largest; with more rows than columns some rows get -1.</summary>
    /// <param name="scores">Row-major, finite.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Number of columns.</param>
    public static int[] Largest(double[] scores, int rows, int columns)
    {
        if (rows <= columns)
            return Solve((row, column) => -scores[row * columns + column], rows, columns);
        var rowOf = Solve((column, row) => -scores[row * columns + column], columns, rows);
        var result = Enumerable.Repeat(-1, rows).ToArray();
        for (var column = 0; column < columns; column++)
            result[rowOf[column]] = column;
        return result;
    }

    // Column 0 is the root of the search and belongs to the row that is being placed; rows and columns count from 1.
    private static int[] Solve(Func<int, int, double> cost, int rows, int columns)
    {
        var (rowPotential, columnPotential) = (new double[rows + 1], new double[columns + 1]);
        var (owner, from) = (new int[columns + 1], new int[columns + 1]);
        var (distance, done) = (new double[columns + 1], new bool[columns + 1]);
        for (var row = 1; row <= rows; row++)
        {
            owner[0] = row;
            Array.Fill(distance, double.PositiveInfinity);
            Array.Clear(done);
            var at = 0;
            while (owner[at] != 0)
            {
                done[at] = true;
                var (next, step) = Nearest(cost, owner[at], at);
                for (var column = 0; column <= columns; column++)
                    if (done[column])
                        (rowPotential[owner[column]], columnPotential[column]) = (rowPotential[owner[column]] + step, columnPotential[column] - step);
                    else
                        distance[column] -= step;
                at = next;
            }
            for (; at != 0; at = from[at])
                owner[at] = owner[from[at]];
        }
        var result = new int[rows];
        for (var column = 1; column <= columns; column++)
            if (owner[column] != 0)
                result[owner[column] - 1] = column - 1;
        return result;

        (int Column, double Step) Nearest(Func<int, int, double> price, int row, int via)
        {
            var (best, step) = (0, double.PositiveInfinity);
            for (var column = 1; column <= columns; column++)
            {
                if (done[column])
                    continue;
                var reduced = price(row - 1, column - 1) - rowPotential[row] - columnPotential[column];
                if (reduced < distance[column])
                    (distance[column], from[column]) = (reduced, via);
                if (distance[column] < step)
                    (best, step) = (column, distance[column]);
            }
            return (best, step);
        }
    }
}
