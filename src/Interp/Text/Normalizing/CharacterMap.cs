namespace Interp;

using System.Buffers.Binary;
using System.Text;

/// <summary>
/// The precompiled character map of SentencePiece: a double-array trie (darts-clone) from UTF-8 to offsets in a block of strings that end with a
/// zero byte. Layout: size of the trie in bytes (32 bits, little endian), the trie's 32-bit units, the strings.
/// </summary>
internal sealed class CharacterMap
{
    private readonly uint[] units;
    private readonly byte[] strings;

    /// <exception cref="InvalidDataException">The lengths do not fit.</exception>
    public CharacterMap(byte[] map, string source)
    {
        var size = map.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(map) : uint.MaxValue;
        if (size > map.Length - 4 || size % 4 != 0)
            throw new InvalidDataException($"{source}: the precompiled character map of {map.Length} bytes claims a trie of {size} bytes; it is damaged.");
        units = new uint[size / 4];
        for (var i = 0; i < units.Length; i++)
            units[i] = BinaryPrimitives.ReadUInt32LittleEndian(map.AsSpan(4 + (4 * i)));
        strings = map[(4 + (int)size)..];
    }

    /// <summary>What the beginning of a text is mapped to: by the longest key that it begins with, or by the shortest; null when no key fits.</summary>
    public string? Find(ReadOnlySpan<byte> utf8, bool longest, out int length)
    {
        length = 0;
        string? found = null;
        var at = units.Length == 0 ? 0 : Offset(units[0]);
        for (var i = 0; i < utf8.Length && units.Length > 0; i++)
        {
            at ^= utf8[i];
            if (at >= units.Length || Label(units[at]) != utf8[i])
                break;
            var isLeaf = (units[at] >> 8 & 1) == 1;
            at ^= Offset(units[at]);
            if (!isLeaf || at >= units.Length)
                continue;
            (found, length) = (StringAt(units[at] & 0x7FFFFFFF), i + 1);
            if (!longest)
                break;
        }
        return found;
    }

    /// <summary>Whether an ASCII character, before another, is never changed: no key is that character or begins with two of ASCII.</summary>
    public bool IsPlain(byte c)
    {
        Span<byte> pair = stackalloc byte[2];
        pair[0] = c;
        if (c < ' ' || Find(pair[..1], longest: true, out _) is not null)
            return false;
        for (pair[1] = 0; pair[1] < 128; pair[1]++)
            if (Continues(pair))
                return false;
        return true;
    }

    private bool Continues(ReadOnlySpan<byte> utf8)
    {
        var at = units.Length == 0 ? 0 : Offset(units[0]);
        foreach (var b in utf8)
        {
            at ^= b;
            if (at >= units.Length || Label(units[at]) != b)
                return false;
            at ^= Offset(units[at]);
        }
        return true;
    }

    private static uint Offset(uint unit) => unit >> 10 << (int)((unit & (1u << 9)) >> 6);

    private static uint Label(uint unit) => unit & (1u << 31 | 0xFF);

    private string? StringAt(uint offset)
    {
        if (offset >= strings.Length)
            return null;
        var rest = strings.AsSpan((int)offset);
        var end = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }
}
