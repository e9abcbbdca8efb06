using System.Globalization;

namespace TorchSharp;

public static partial class torch
{
    public const TensorStringStyle julia = TensorStringStyle.Julia;
    public const TensorStringStyle numpy = TensorStringStyle.Numpy;
    public const TensorStringStyle csharp = TensorStringStyle.CSharp;

    private static TensorStringStyle s_style = TensorStringStyle.Julia;

    /// <summary>The style of str and print where none is named.</summary>
    public static TensorStringStyle TensorStringStyle
    {
        get => s_style;
        set => s_style = value == TensorStringStyle.Default ? TensorStringStyle.Julia : value;
    }

    public static void set_printoptions(
        int precision, int? linewidth = null, string? newLine = null, bool sci_mode = false, int? maxRows = null, int? maxColumns = null) =>
        set_printoptions(null, (sci_mode ? "e" : "f") + precision, linewidth, newLine, maxRows, maxColumns);

    public static void set_printoptions(
        TensorStringStyle? style = null, string? floatFormat = null, int? linewidth = null, string? newLine = null, int? maxRows = null,
        int? maxColumns = null)
    {
        if (style is { } s) TensorStringStyle = s;
        TensorPrinter.FloatFormat = floatFormat ?? TensorPrinter.FloatFormat;
        TensorPrinter.LineWidth = linewidth ?? TensorPrinter.LineWidth;
        TensorPrinter.NewLine = newLine ?? TensorPrinter.NewLine;
        TensorPrinter.MaxRows = maxRows ?? TensorPrinter.MaxRows;
        TensorPrinter.MaxColumns = maxColumns ?? TensorPrinter.MaxColumns;
    }

    public partial class Tensor
    {
        /// <summary>Shape, element type and device; the value too when there is one element without an axis.</summary>
        public override string ToString() => TensorPrinter.Metadata(this);

        public string ToString(
            TensorStringStyle style, string? fltFormat = null, int? width = null, CultureInfo? cultureInfo = null, string? newLine = null) =>
            TensorPrinter.Print(this, style, fltFormat, width, newLine, cultureInfo);
    }
}
