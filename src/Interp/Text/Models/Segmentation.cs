namespace Interp;

/// <summary>The tokens of one piece of text, with their ranges within the piece.</summary>
internal sealed record Segmentation(int[] Ids, CharSpan[] Spans);
