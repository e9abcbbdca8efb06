namespace Interp;

using System.Numerics;

/// <summary>The form of PyTorch's files before version 1.6: pickles one behind the other, then the storages.</summary>
/// <remarks>
/// 1. A magic number. 2. The form's version, 1001. 3. Facts about the writer's machine. 4. The value. 5. The storages' keys. 6. For each
/// key the count of its elements in eight bytes, and the elements.
/// </remarks>
internal sealed class PickledLegacyLayout
{
    private const long Version = 1001;

    private static readonly BigInteger Magic = BigInteger.Parse("01950a86a20f9469cfc6c", System.Globalization.NumberStyles.HexNumber, null);
    private static readonly byte[] MagicPickle = [0x80, 2, 0x8a, 10, .. Magic.ToByteArray()];

    private readonly Dictionary<string, (long Start, long End)> storages = new(StringComparer.Ordinal);
    private readonly string file;

    private PickledLegacyLayout(string file) => this.file = file;

    public object? Root { get; private set; }

    public long PickleBytes { get; private set; }

    /// <summary>Whether these bytes begin with the magic number.</summary>
    public static bool Is(IByteSource source)
    {
        Span<byte> begin = stackalloc byte[MagicPickle.Length];
        if (source.Length < begin.Length)
            return false;
        source.Copy(0, begin);
        return begin.SequenceEqual(MagicPickle);
    }

    public static PickledLegacyLayout Read(IByteSource source, string file)
    {
        var layout = new PickledLegacyLayout(file);
        var input = new PickleInput(source, file, 0, source.Length);
        object? Next() => new PickleMachine(input).Read();
        if (Next() is not BigInteger magic || magic != Magic || Next() is not Version)
            throw PickleError.Bad(file, $"it is in an old form of PyTorch's files other than version {Version}: load it in Python and save it again");
        layout.CheckMachine(Next());
        var machine = new PickleMachine(input);
        layout.Root = machine.Read();
        layout.PickleBytes = input.Position;
        if (Next() is not List<object?> keys)
            throw PickleError.Bad(file, "it has no list of storages behind its value: it is damaged or cut short");
        layout.ReadStorages(source, input.Position, keys, machine.Storages);
        return layout;
    }

    /// <summary>Where a storage begins.</summary>
    public long Find(PickledStorage storage)
    {
        if (!storages.TryGetValue(storage.Key, out var place))
            throw PickleError.Bad(file, $"it lacks the storage '{storage.Key}', where the elements of a tensor should be: fetch it again");
        if ((place.End - place.Start) / PickleGlobals.SizeOf(storage.Type) < storage.Count)
            throw PickleError.Bad(file, $"its storage '{storage.Key}' has {place.End - place.Start:N0} bytes and should hold {storage.Count:N0} elements of {storage.Type}: it is cut short; fetch it again");
        return place.Start;
    }

    private void CheckMachine(object? facts)
    {
        if (facts is PickleDict dict && dict.Items.Any(item => item is ("little_endian", false)))
            throw PickleError.Bad(file, "its numbers are big-endian: save it on another machine");
    }

    // The file does not say how long an element is; its references in the value do.
    private void ReadStorages(IByteSource source, long position, List<object?> keys, IReadOnlyDictionary<string, PickledStorage> known)
    {
        foreach (var key in keys)
        {
            if (key is not string name || !known.TryGetValue(name, out var storage))
                throw PickleError.Bad(file, "its list of storages names one that no tensor has: it is damaged");
            if (position > source.Length - 8)
                throw PickleError.CutShort(file);
            var count = new PickleInput(source, file, position, position + 8).Unsigned(8);
            var (start, size) = (position + 8, PickleGlobals.SizeOf(storage.Type));
            if (count > (ulong)((source.Length - start) / size))
                throw PickleError.CutShort(file);
            position = start + (long)count * size;
            if (!storages.TryAdd(name, (start, position)))
                throw PickleError.Bad(file, $"its list of storages names '{name}' twice");
        }
    }
}
