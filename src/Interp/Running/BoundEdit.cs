namespace Interp;

using Interp.Extending;

/// <summary>An edit together with the rows of the batch on which it acts.</summary>
/// <param name="Edit">What to do where.</param>
/// <param name="Rows">The variant's rows; null when all rows are meant.</param>
internal sealed record BoundEdit(Edit Edit, RowSpan? Rows);

/// <summary>A variant's rows in the batch at this moment: -1 before it has joined.</summary>
internal sealed class RowSpan
{
    /// <summary>The first row.</summary>
    public long Start { get; set; } = -1;

    /// <summary>How many rows.</summary>
    public long Count { get; init; }
}
