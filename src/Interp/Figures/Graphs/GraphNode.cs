namespace Interp;

/// <summary>A node of a layered graph.</summary>
/// <param name="Label">What stands in it.</param>
/// <param name="Rank">Its row: 0 is at the bottom, edges go upwards.</param>
public sealed record GraphNode(string Label, int Rank);
