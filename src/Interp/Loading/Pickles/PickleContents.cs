namespace Interp;

using System.Globalization;

/// <summary>Tensors and plain values of a pickled value, each under the path of keys that leads to it.</summary>
/// <remarks>Shared parts appear under each of their paths, so what a small file can unfold to is limited.</remarks>
internal sealed class PickleContents
{
    private const int Deepest = 64;

    private readonly string file;
    private long names;
    private long characters;

    /// <param name="file">What errors call the file.</param>
    /// <param name="root">The pickled value.</param>
    /// <param name="bytes">The pickle's length, which limits what may come out of it.</param>
    public PickleContents(string file, object? root, long bytes)
    {
        this.file = file;
        (names, characters) = (bytes + 100, 16 * bytes + 4096);
        if (root is PickleDict or List<object?> or object?[])
            Unfold("", root, 0);
        else
            AddLeaf("value", root);
    }

    public List<KeyValuePair<string, PickledTensor>> Tensors { get; } = [];

    public Dictionary<string, object?> Values { get; } = new(StringComparer.Ordinal);

    private void Unfold(string path, object? value, int depth)
    {
        if (depth > Deepest)
            throw PickleError.Bad(file, $"its value '{Short(path)}' is nested more than {Deepest} levels deep, or holds itself");
        if (value is PickleDict dict)
            foreach (var (key, child) in dict.Items)
                Unfold(Join(path, Key(path, key)), child, depth + 1);
        else if (value is List<object?> or object?[])
        {
            var index = 0;
            foreach (var child in (IEnumerable<object?>)value)
                Unfold(Join(path, (index++).ToString(CultureInfo.InvariantCulture)), child, depth + 1);
        }
        else
            AddLeaf(path, value);
    }

    private void AddLeaf(string path, object? value)
    {
        if (value is PickledStorage or PickleGlobal)
            throw PickleError.Bad(file, $"its value '{Short(path)}' is {(value is PickleGlobal global ? $"the name '{global.Name}'" : "a storage without a tensor")}, and only tensors, texts, numbers, lists and dictionaries are read");
        if (!taken.Add(path))
            throw PickleError.Bad(file, $"two of its values are at '{Short(path)}'");
        if (value is PickledTensor tensor)
            Tensors.Add(KeyValuePair.Create(path, tensor));
        else
            Values.Add(path, value);
    }

    private readonly HashSet<string> taken = new(StringComparer.Ordinal);

    private string Join(string path, string key)
    {
        var joined = path.Length + key.Length + 1;
        if (--names < 0 || (characters -= joined) < 0)
            throw PickleError.Bad(file, "its values refer to one another so often that they would be far larger than the file");
        return path.Length == 0 ? key : $"{path}.{key}";
    }

    private string Key(string path, object? key) => key switch
    {
        string text => text,
        long or bool or double => Convert.ToString(key, CultureInfo.InvariantCulture)!,
        _ => throw PickleError.Bad(file, $"the dictionary '{Short(path)}' has a key that is neither text nor number"),
    };

    private static string Short(string path) => path.Length <= 100 ? path : path[..100] + "...";
}
