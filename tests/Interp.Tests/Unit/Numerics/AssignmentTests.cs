namespace Interp.Tests.Unit.Numerics;

using Shouldly;
using Xunit;

/// <summary>The best one-to-one assignment.</summary>
[Trait("Tier", "unit")]
public sealed class AssignmentTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 4)]
    [InlineData(3, 6)]
    [InlineData(6, 3)]
    [InlineData(6, 6)]
    public void Largest_SmallMatrices_EqualsTryingAll(int rows, int columns)
    {
        var random = new Random(rows * 10 + columns);
        for (var trial = 0; trial < 20; trial++)
        {
            double[] scores = [.. Enumerable.Range(0, rows * columns).Select(_ => trial % 3 == 0 ? random.Next(4) : random.NextDouble() - 0.5)];
            var found = Assignment.Largest(scores, rows, columns);
            found.Length.ShouldBe(rows);
            found.Where(c => c >= 0).Distinct().Count().ShouldBe(Math.Min(rows, columns));
            found.Select((c, r) => c < 0 ? 0 : scores[r * columns + c]).Sum().ShouldBe(Best(scores, rows, columns, 0, 0), 1e-12);
        }
    }

    // Every way; a row may go without a column where there are too few of them.
    private static double Best(double[] scores, int rows, int columns, int row, int taken)
    {
        if (row == rows)
            return int.PopCount(taken) == Math.Min(rows, columns) ? 0 : double.NegativeInfinity;
        var best = rows > columns ? Best(scores, rows, columns, row + 1, taken) : double.NegativeInfinity;
        for (var c = 0; c < columns; c++)
            if ((taken & (1 << c)) == 0)
                best = Math.Max(best, scores[row * columns + c] + Best(scores, rows, columns, row + 1, taken | (1 << c)));
        return best;
    }
}
