namespace Interp;

/// <summary>The title of a figure of an array.</summary>
internal static class FigureTitle
{
    /// <summary>The one given, else the array's quantity with a capital.</summary>
    public static string Of(string? title, LabelledArray array) =>
        title ?? (array.Quantity.Length == 0 ? "" : char.ToUpperInvariant(array.Quantity[0]) + array.Quantity[1..]);
}
