using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Interp;

public sealed partial class LabelledArray
{
    private const string Format = "interp.labelled-array/1";

    private static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Writes one line per value: the label along each axis, then the value with every digit that it needs.</summary>
    /// <remarks>UTF-8, comma separated, quoted as RFC 4180; the header is the axes' names and <c>value</c>.</remarks>
    public void SaveCsv(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        using var writer = new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
        writer.WriteLine(string.Join(',', axes.Select(a => Quoted(a.Name)).Append("value")));
        for (var i = 0; i < values.Length; i++)
        {
            var labels = Unravel(i).Select((index, axis) => Quoted(axes[axis].Labels[index]));
            writer.WriteLine(string.Join(',', labels.Append(values[i].ToString("R", CultureInfo.InvariantCulture))));
        }
    }

    /// <summary>Writes everything the array holds as JSON; <see cref="LoadJson"/> gives it back bit for bit.</summary>
    public void SaveJson(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var document = new Document(Format, Quantity, Provenance, [.. axes.Select(a => new AxisDocument(a.Name, [.. a.Labels]))], values);
        using var stream = File.Create(path);
        JsonSerializer.Serialize(stream, document, Json);
    }

    /// <summary>Reads what <see cref="SaveJson"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The file is not such a file, or its parts do not fit together.</exception>
    public static LabelledArray LoadJson(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        try
        {
            using var stream = File.OpenRead(path);
            var document = JsonSerializer.Deserialize<Document>(stream, Json);
            if (document?.Format != Format)
                throw new InvalidDataException($"{path} is not a labelled array: its format is '{document?.Format}', expected '{Format}'.");
            if (document is not { Axes: not null, Values: not null, Quantity: not null })
                throw new InvalidDataException($"{path} lacks its axes, values or quantity.");
            if (document.Axes.Any(axis => axis is not { Name: not null, Labels: not null }))
                throw new InvalidDataException($"{path} is not a labelled array: an axis lacks its name or its labels.");
            return Owning([.. document.Axes.Select(a => new Axis(a.Name, a.Labels))], document.Values, document.Quantity, document.Provenance);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"{path} is not a labelled array: {e.Message}", e);
        }
    }

    private static string Quoted(string field) =>
        field.AsSpan().IndexOfAny("\",\r\n") < 0 && field.Trim().Length == field.Length ? field : $"\"{field.Replace("\"", "\"\"")}\"";

    private sealed record Document(string? Format, string? Quantity, Provenance? Provenance, AxisDocument[]? Axes, double[]? Values);

    private sealed record AxisDocument(string Name, string[] Labels);
}
