namespace Interp;

/// <summary>An edge of a layered graph.</summary>
/// <param name="From">The lower node's place in the list of nodes.</param>
/// <param name="To">The upper node's place.</param>
/// <param name="Value">Its strength; the sign chooses the colour, the magnitude the width.</param>
/// <param name="Label">What the edge is, shown on hover.</param>
public sealed record GraphEdge(int From, int To, double Value, string Label);
