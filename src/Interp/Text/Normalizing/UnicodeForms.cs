namespace Interp;

using System.Globalization;

/// <summary>
/// The tables behind NFC, NFD, NFKC and NFKD. .NET's own normalization does nothing where globalization is invariant (usual in containers), and
/// a tokenizer must not depend on the machine; so it is done here.
/// </summary>
internal sealed class UnicodeForms
{
    private const int HangulBase = 0xAC00, LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7, LCount = 19, VCount = 21, TCount = 28;
    private const int HangulCount = LCount * VCount * TCount;
    private static readonly Lazy<UnicodeForms> Tables = new(() => new UnicodeForms());
    private readonly Dictionary<int, int[]> canonical = [];
    private readonly Dictionary<int, int[]> compatible = [];
    private readonly Dictionary<(int First, int Second), int> compositions = [];
    private readonly Dictionary<int, byte> classes = [];
    private readonly HashSet<int> seconds = [];

    private UnicodeForms()
    {
        using var stream = typeof(UnicodeForms).Assembly.GetManifestResourceStream("Interp.decompositions.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
            if (!line.StartsWith('#'))
                Read(line);
        for (var v = VBase; v < VBase + VCount; v++)
            seconds.Add(v);
        for (var t = TBase + 1; t < TBase + TCount; t++)
            seconds.Add(t);
    }

    public static UnicodeForms Instance => Tables.Value;

    public int CombiningClass(int c) => classes.GetValueOrDefault(c);

    /// <summary>Whether nothing before <paramref name="c"/> can join with it: a place where text may be cut and normalized apart.</summary>
    public bool IsBoundary(int c, bool compatibility)
    {
        if (c < 0x300)
            return true;
        while (Parts(c, compatibility) is { } parts)
            c = parts[0];
        return CombiningClass(c) == 0 && !seconds.Contains(c);
    }

    /// <summary>Whether the character decomposes at all.</summary>
    public bool Decomposes(int c, bool compatibility) => c >= 0xA0 && Parts(c, compatibility) is not null;

    /// <summary>Whether the character is itself in NFC.</summary>
    public bool IsComposed(int c) => c < 0xC0 || IsHangul(c) || !canonical.TryGetValue(c, out var parts)
        || (parts.Length == 2 && compositions.TryGetValue((parts[0], parts[1]), out var composed) && composed == c);

    /// <summary>Decomposes a code point fully, adding to <paramref name="codes"/>.</summary>
    public void Decompose(int c, bool compatibility, List<int> codes)
    {
        if (Parts(c, compatibility) is not { } parts)
        {
            codes.Add(c);
            return;
        }
        foreach (var part in parts)
            Decompose(part, compatibility, codes);
    }

    /// <summary>Sorts runs of combining marks by their class, keeping the order of equals.</summary>
    public void Order(List<int> codes)
    {
        for (var i = 1; i < codes.Count; i++)
        {
            var rank = CombiningClass(codes[i]);
            for (var j = i; j > 0 && rank > 0 && CombiningClass(codes[j - 1]) > rank; j--)
                (codes[j - 1], codes[j]) = (codes[j], codes[j - 1]);
        }
    }

    /// <summary>Composes what can be composed, in place.</summary>
    public void Compose(List<int> codes)
    {
        var starter = -1;
        var kept = 0;
        var lastClass = 0;
        for (var i = 0; i < codes.Count; i++)
        {
            var rank = CombiningClass(codes[i]);
            var isBlocked = starter < 0 || (kept > starter + 1 && (lastClass == 0 || lastClass >= rank));
            if (!isBlocked && Pair(codes[starter], codes[i]) is { } composed)
            {
                codes[starter] = composed;
                continue;
            }
            if (rank == 0)
                starter = kept;
            lastClass = rank;
            codes[kept++] = codes[i];
        }
        codes.RemoveRange(kept, codes.Count - kept);
    }

    private static bool IsHangul(int c) => c is >= HangulBase and < HangulBase + HangulCount;

    private int[]? Parts(int c, bool compatibility)
    {
        if (IsHangul(c))
        {
            var (index, tail) = (c - HangulBase, (c - HangulBase) % TCount);
            return tail == 0
                ? [LBase + (index / (VCount * TCount)), VBase + (index % (VCount * TCount) / TCount)]
                : [c - tail, TBase + tail];
        }
        return canonical.TryGetValue(c, out var parts) || (compatibility && compatible.TryGetValue(c, out parts)) ? parts : null;
    }

    private int? Pair(int first, int second)
    {
        if (first is >= LBase and < LBase + LCount && second is >= VBase and < VBase + VCount)
            return HangulBase + ((((first - LBase) * VCount) + second - VBase) * TCount);
        if (IsHangul(first) && (first - HangulBase) % TCount == 0 && second is > TBase and < TBase + TCount)
            return first + second - TBase;
        return compositions.TryGetValue((first, second), out var composed) ? composed : null;
    }

    private void Read(string line)
    {
        var space = line.IndexOf(' ');
        if (line.IndexOf('-') is > 0 and var dash)
        {
            for (var c = Hex(line[..dash]); c <= Hex(line[(dash + 1)..space]); c++)
                classes[c] = byte.Parse(line.AsSpan(space + 1), CultureInfo.InvariantCulture);
            return;
        }
        var code = Hex(line[..(space - 1)]);
        int[] parts = [.. line[(space + 1)..].Split(' ').Select(Hex)];
        (line[space - 1] == '~' ? compatible : canonical)[code] = parts;
        if (line[space - 1] != '=')
            return;
        compositions[(parts[0], parts[1])] = code;
        seconds.Add(parts[1]);
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
