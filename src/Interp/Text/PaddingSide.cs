namespace Interp;

/// <summary>On which side the shorter rows of a batch are padded.</summary>
public enum PaddingSide
{
    /// <summary>Padding after the text: the first tokens stand in one column.</summary>
    Right,

    /// <summary>Padding before the text: the last tokens stand in one column, as generation wants it.</summary>
    Left,
}
