namespace Interp;

using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

/// <content>Files.</content>
public sealed partial class LinearProbe
{
    private const string Format = "interp.linear-probe/1";

    /// <summary>Writes the probe as safetensors: <c>weights</c> and <c>bias</c> in float64, the rest as metadata. <see cref="Load"/> gives it back bit for bit.</summary>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var writer = new SafetensorsWriter();
        writer.Add("weights", SafetensorsType.Float64, [Outputs, FeatureCount], Bytes(weights));
        writer.Add("bias", SafetensorsType.Float64, [Outputs], Bytes(bias));
        writer.Save(path, new Dictionary<string, string>
        {
            ["format"] = Format, ["method"] = Method, ["name"] = Name, ["classes"] = JsonSerializer.Serialize(Classes),
            ["penalty"] = Text(Penalty), ["slope"] = Text(Slope), ["offset"] = Text(Offset),
        });
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The file is no such file, or its parts do not fit together.</exception>
    public static LinearProbe Load(string path)
    {
        using var file = SafetensorsFile.Open(path);
        if (file.Metadata.GetValueOrDefault("format") != Format)
            throw new InvalidDataException($"{path} is not a linear probe: its format is '{file.Metadata.GetValueOrDefault("format")}', expected '{Format}'.");
        try
        {
            var classes = JsonSerializer.Deserialize<string[]>(file.Metadata["classes"])!;
            return new LinearProbe(file.Metadata["method"], classes, file.ReadDoubles("weights"), file.ReadDoubles("bias"))
            {
                Name = file.Metadata["name"], Penalty = Number("penalty"), Slope = Number("slope"), Offset = Number("offset"),
            };
        }
        catch (Exception e) when (e is KeyNotFoundException or ArgumentException or JsonException or FormatException)
        {
            throw new InvalidDataException($"{path} is not a linear probe: {e.Message}", e);
        }

        double Number(string key) => double.Parse(file.Metadata[key], CultureInfo.InvariantCulture);
    }

    private static byte[] Bytes(double[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
