namespace Interp;

/// <summary>How the elements of a tensor are stored in a safetensors file.</summary>
public enum SafetensorsType
{
    /// <summary>One byte, 0 or 1.</summary>
    Bool,

    /// <summary>Unsigned 8 bits.</summary>
    UInt8,

    /// <summary>Signed 8 bits.</summary>
    Int8,

    /// <summary>Eight-bit float, 5 exponent and 2 mantissa bits; stored, but not read as a tensor.</summary>
    Float8E5M2,

    /// <summary>Eight-bit float, 4 exponent and 3 mantissa bits; stored, but not read as a tensor.</summary>
    Float8E4M3,

    /// <summary>Signed 16 bits.</summary>
    Int16,

    /// <summary>Unsigned 16 bits; stored, but not read as a tensor.</summary>
    UInt16,

    /// <summary>IEEE half precision.</summary>
    Float16,

    /// <summary>The upper 16 bits of a single-precision float.</summary>
    BFloat16,

    /// <summary>Signed 32 bits.</summary>
    Int32,

    /// <summary>Unsigned 32 bits; stored, but not read as a tensor.</summary>
    UInt32,

    /// <summary>IEEE single precision.</summary>
    Float32,

    /// <summary>IEEE double precision.</summary>
    Float64,

    /// <summary>Signed 64 bits.</summary>
    Int64,

    /// <summary>Unsigned 64 bits; stored, but not read as a tensor.</summary>
    UInt64,
}
