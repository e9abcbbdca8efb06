using System.Globalization;
using System.Text;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Writes a tensor as text. Long axes show their two ends.</summary>
internal sealed class TensorPrinter
{
    private readonly string _format;
    private readonly int _width;
    private readonly string _newLine;
    private readonly CultureInfo _culture;
    private readonly StringBuilder _text = new();
    private readonly long[] _shape;
    private readonly Tensor _values;

    private TensorPrinter(Tensor values, string? format, int? width, string? newLine, CultureInfo? culture)
    {
        _values = values;
        _shape = values.shape;
        _format = format ?? FloatFormat;
        _width = width ?? LineWidth;
        _newLine = newLine ?? NewLine;
        _culture = culture ?? CultureInfo.InvariantCulture;
    }

    internal static string FloatFormat { get; set; } = "g5";

    internal static int LineWidth { get; set; } = 100;

    internal static string NewLine { get; set; } = Environment.NewLine;

    internal static int MaxRows { get; set; } = 6;

    internal static int MaxColumns { get; set; } = 6;

    internal static string Metadata(Tensor t)
    {
        if (t.IsInvalid) return "Tensor invalid -- empty handle";
        var text = $"[{string.Join("x", t.shape)}], type = {t.dtype}, device = {t.device}";
        return t.Dimensions == 0 && !t.is_meta ? text + $", value = {One(t, FloatFormat, CultureInfo.InvariantCulture)}" : text;
    }

    internal static string Print(
        Tensor t, TensorStringStyle style, string? format = null, int? width = null, string? newLine = null, CultureInfo? culture = null)
    {
        if (style == TensorStringStyle.Default) style = torch.TensorStringStyle;
        if (style == TensorStringStyle.Metadata || t.IsInvalid || t.is_meta || (t.Dimensions == 0 && style != TensorStringStyle.Numpy)) return Metadata(t);
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        var printer = new TensorPrinter(t.detach().cpu(), format, width, newLine, culture);
        return style switch
        {
            TensorStringStyle.Julia => printer.Julia(t),
            TensorStringStyle.CSharp => printer.CSharp(t),
            _ => printer.Numpy(),
        };
    }

    private string Julia(Tensor t)
    {
        _text.Append(Metadata(t)).Append(_newLine);
        Matrices(_values, [], (matrix, prefix) =>
        {
            if (prefix.Length > 0) _text.Append('[').AppendJoin(',', prefix).Append(",..,..] =").Append(_newLine);
            var rows = matrix.Dimensions == 1 ? [Row(matrix)] : Rows(matrix);
            var wide = rows.SelectMany(r => r).Select(c => c.Length).DefaultIfEmpty(0).Max();
            foreach (var row in rows)
            {
                foreach (var cell in row) _text.Append(' ').Append(cell.PadLeft(wide));
                _text.Append(_newLine);
            }
        });
        return _text.ToString();
    }

    private string Numpy()
    {
        var cells = Cells(_values);
        var wide = cells.Select(c => c.Length).DefaultIfEmpty(0).Max();
        Nested(_values, 0, '[', ']', c => c.PadLeft(wide));
        return _text.ToString();
    }

    private string CSharp(Tensor t)
    {
        var suffix = t.dtype == ScalarType.Float32 ? "f" : t.dtype == ScalarType.Int64 ? "L" : "";
        _text.Append(Metadata(t)).Append(", value = ");
        Nested(_values, 0, '{', '}', c => c == "..." ? c : c + suffix);
        return _text.ToString();
    }

    private void Nested(Tensor t, int depth, char open, char close, Func<string, string> cell)
    {
        if (t.Dimensions == 0)
        {
            _text.Append(cell(One(t, _format, _culture)));
            return;
        }
        _text.Append(open);
        var limit = t.Dimensions == 1 ? MaxColumns : MaxRows;
        var first = true;
        foreach (var k in Shown(t.shape[0], limit))
        {
            if (!first) Separate(t, depth);
            first = false;
            if (k < 0) _text.Append("...");
            else Nested(t[k], depth + 1, open, close, cell);
        }
        _text.Append(close);
    }

    private void Separate(Tensor t, int depth)
    {
        if (t.Dimensions > 1) _text.Append(',').Append(_newLine).Append(' ', depth + 1);
        else _text.Append(", ");
    }

    private static void Matrices(Tensor t, long[] prefix, Action<Tensor, long[]> write)
    {
        if (t.Dimensions <= 2)
        {
            write(t, prefix);
            return;
        }
        for (long k = 0; k < Math.Min(t.shape[0], MaxRows); k++) Matrices(t[k], [.. prefix, k], write);
    }

    private List<string[]> Rows(Tensor matrix) =>
        [.. Shown(matrix.shape[0], MaxRows).Select(k => k < 0 ? ["..."] : Row(matrix[k]))];

    private string[] Row(Tensor row)
    {
        // As many columns as the line holds, at a guess of eight characters for each.
        var limit = Math.Max(MaxColumns, Math.Min(18, _width / 9));
        return [.. Shown(row.shape[0], limit).Select(k => k < 0 ? "..." : One(row[k], _format, _culture))];
    }

    private List<string> Cells(Tensor t)
    {
        if (t.Dimensions == 0) return [One(t, _format, _culture)];
        var limit = t.Dimensions == 1 ? MaxColumns : MaxRows;
        return [.. Shown(t.shape[0], limit).SelectMany(k => k < 0 ? ["..."] : Cells(t[k]))];
    }

    // Positions shown of an axis; -1 stands for those left out.
    private static IEnumerable<long> Shown(long size, int limit)
    {
        if (size <= limit)
        {
            for (long k = 0; k < size; k++) yield return k;
            yield break;
        }
        for (long k = 0; k < limit / 2; k++) yield return k;
        yield return -1;
        for (var k = size - limit / 2; k < size; k++) yield return k;
    }

    private static string One(Tensor t, string format, CultureInfo culture)
    {
        var value = t.ToScalar();
        if (value.IsBool) return value.ToBoolean() ? "True" : "False";
        if (is_complex(t.dtype)) return value.ToComplexFloat64().ToString(format, culture);
        return value.IsFloat ? value.ToDouble().ToString(format, culture) : value.ToInt64().ToString(culture);
    }
}
