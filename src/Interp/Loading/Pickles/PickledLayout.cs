namespace Interp;

/// <summary>The two forms of PyTorch's files: where the pickle and the storages lie.</summary>
internal sealed class PickledLayout
{
    private const string PickleName = "data.pkl";

    private readonly Func<PickledStorage, bool, (IByteSource, long)> find;

    // The function finds a storage's bytes and, where it is told so, gives them unpacked.
    private PickledLayout(object? root, long pickleBytes, Func<PickledStorage, bool, (IByteSource, long)> find)
    {
        (Root, PickleBytes) = (root, pickleBytes);
        this.find = find;
    }

    /// <summary>The pickled value.</summary>
    public object? Root { get; }

    /// <summary>The pickle's length.</summary>
    public long PickleBytes { get; }

    /// <summary>The bytes of a storage and where they begin.</summary>
    public (IByteSource Source, long Start) Find(PickledStorage storage) => find(storage, true);

    /// <exception cref="InvalidDataException">The file lacks the storage, or it is too short.</exception>
    public void Check(PickledStorage storage) => find(storage, false);

    /// <exception cref="InvalidDataException">The file is damaged or of another kind.</exception>
    public static PickledLayout Read(IByteSource source, string file) =>
        ZipDirectory.Is(source) ? ReadZip(source, file) : PickledLegacyLayout.Is(source) ? ReadLegacy(source, file) : throw PickleError.Bad(file,
            "it is neither the zip archive that torch.save writes nor its older form: it is no PyTorch file, or cut short");

    // NAME/data.pkl, NAME/data/KEY for each storage, and NAME/byteorder in newer files.
    private static PickledLayout ReadZip(IByteSource source, string file)
    {
        var zip = new ZipDirectory(source, file);
        var pickles = zip.Names.Where(name => name == PickleName || name.EndsWith("/" + PickleName, StringComparison.Ordinal)).ToArray();
        if (pickles.Length != 1)
            throw PickleError.Bad(file, $"it is a zip archive with {pickles.Length} files {PickleName}, and PyTorch's have one");
        var folder = pickles[0][..^PickleName.Length];
        CheckByteOrder(zip, file, folder + "byteorder");
        var (bytes, start, length) = zip.Open(pickles[0]);
        var root = new PickleMachine(new PickleInput(bytes, file, start, start + length)).Read();
        return new PickledLayout(root, length, (storage, open) => FindInZip(zip, source, file, $"{folder}data/{storage.Key}", storage, open));
    }

    private static void CheckByteOrder(ZipDirectory zip, string file, string name)
    {
        if (!zip.TryGet(name, out var entry))
            return;
        var (bytes, start, length) = zip.Open(name);
        var order = new byte[Math.Min(length, 16)];
        bytes.Copy(start, order);
        if (!order.AsSpan().SequenceEqual("little"u8))
            throw PickleError.Bad(file, $"its '{name}' is not 'little' ({entry.Length} bytes), and only little-endian numbers are read: save it on another machine");
    }

    private static (IByteSource, long) FindInZip(ZipDirectory zip, IByteSource source, string file, string name, PickledStorage storage, bool open)
    {
        if (!zip.TryGet(name, out var entry))
            throw PickleError.Bad(file, $"it lacks '{name}', where the elements of a tensor should be: fetch it again");
        if (entry.Length / PickleGlobals.SizeOf(storage.Type) < storage.Count)
            throw PickleError.Bad(file, $"'{name}' has {entry.Length:N0} bytes and should hold {storage.Count:N0} elements of {storage.Type}: it is damaged; fetch it again");
        if (!open)
            return (source, zip.DataStart(name, entry));
        var (bytes, start, _) = zip.Open(name);
        return (bytes, start);
    }

    private static PickledLayout ReadLegacy(IByteSource source, string file)
    {
        var legacy = PickledLegacyLayout.Read(source, file);
        return new PickledLayout(legacy.Root, legacy.PickleBytes, (storage, _) => (source, legacy.Find(storage)));
    }
}
