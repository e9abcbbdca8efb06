namespace Interp;

/// <summary>The names and sizes of <see cref="SafetensorsType"/> in the file format.</summary>
internal static class SafetensorsTypes
{
    private static readonly (string Name, SafetensorsType Type, int Size)[] Table =
    [
        ("BOOL", SafetensorsType.Bool, 1),
        ("U8", SafetensorsType.UInt8, 1),
        ("I8", SafetensorsType.Int8, 1),
        ("F8_E5M2", SafetensorsType.Float8E5M2, 1),
        ("F8_E4M3", SafetensorsType.Float8E4M3, 1),
        ("I16", SafetensorsType.Int16, 2),
        ("U16", SafetensorsType.UInt16, 2),
        ("F16", SafetensorsType.Float16, 2),
        ("BF16", SafetensorsType.BFloat16, 2),
        ("I32", SafetensorsType.Int32, 4),
        ("U32", SafetensorsType.UInt32, 4),
        ("F32", SafetensorsType.Float32, 4),
        ("F64", SafetensorsType.Float64, 8),
        ("I64", SafetensorsType.Int64, 8),
        ("U64", SafetensorsType.UInt64, 8),
    ];

    public static string Known { get; } = string.Join(", ", Table.Select(row => row.Name));

    public static SafetensorsType? Parse(string name)
    {
        foreach (var row in Table)
            if (row.Name == name)
                return row.Type;
        return null;
    }

    public static string WireName(this SafetensorsType type) => Row(type).Name;

    /// <summary>Bytes of one element.</summary>
    public static int Size(this SafetensorsType type) => Row(type).Size;

    private static (string Name, SafetensorsType Type, int Size) Row(SafetensorsType type) =>
        Array.Find(Table, row => row.Type == type);
}
