namespace Interp;

/// <summary>A node of a layered graph.</summary>
/// <param name="Label">What stands in it.</param>
/// <param name="Rank">Its row: 0 is at the bottom, edges go upwards.</param>
/// <param name="At">Where it stands in its row, 0 left to 1 right; null centres it with the others of its row.</param>
public sealed record GraphNode(string Label, int Rank, double? At = null);
