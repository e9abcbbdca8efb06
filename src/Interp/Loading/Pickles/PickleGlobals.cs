namespace Interp;

using static TorchSharp.torch;

/// <summary>The names that a pickle of tensors may hold. None of them is ever looked up or called: each stands for something this reader does itself.</summary>
internal static class PickleGlobals
{
    public const string OrderedDict = "collections.OrderedDict";
    public const string RebuildTensor = "torch._utils._rebuild_tensor";
    public const string RebuildTensor2 = "torch._utils._rebuild_tensor_v2";
    public const string RebuildParameter = "torch._utils._rebuild_parameter";
    public const string Size = "torch.Size";
    public const string Device = "torch.device";
    public const string Encode = "_codecs.encode";

    private static readonly (string Name, ScalarType Type)[] Types =
    [
        ("Double", ScalarType.Float64), ("Float", ScalarType.Float32), ("Half", ScalarType.Float16), ("BFloat16", ScalarType.BFloat16),
        ("Long", ScalarType.Int64), ("Int", ScalarType.Int32), ("Short", ScalarType.Int16), ("Char", ScalarType.Int8), ("Byte", ScalarType.Byte),
        ("Bool", ScalarType.Bool),
    ];

    // Element types appear by themselves in configurations beside the weights; they are kept as their names.
    private static readonly string[] ElementTypes =
    [
        "float64", "double", "float32", "float", "float16", "half", "bfloat16", "int64", "long", "int32", "int", "int16", "short", "int8", "uint8", "bool",
    ];

    private static readonly Dictionary<string, object> Known = Table();

    /// <summary>What stands for a name: a <see cref="PickleGlobal"/>, or a text.</summary>
    /// <exception cref="InvalidDataException">The name is not one of those above.</exception>
    public static object Find(string file, string module, string name) =>
        Known.TryGetValue($"{module}.{name}", out var found)
            ? found
            : throw PickleError.Bad(file, $"it names '{module}.{name}', which Python would import and could run; here only tensors, texts, numbers, lists and dictionaries are read. "
                + "Where you trust the file, save its state_dict() from Python, or convert it to safetensors");

    /// <summary>The name of the storages of a type, without its module.</summary>
    /// <exception cref="ArgumentException">The format has no such type.</exception>
    public static string StorageName(ScalarType type) => Types.FirstOrDefault(t => t.Type == type).Name is { } name
        ? name + "Storage"
        : throw new ArgumentException($"A tensor of {type} cannot be stored in a pickled file: convert it first.");

    public static int SizeOf(ScalarType type) => SafetensorsTensors.Stored(type).Size();

    private static Dictionary<string, object> Table()
    {
        string[] plain = [OrderedDict, RebuildTensor, RebuildTensor2, RebuildParameter, Size, Device, Encode];
        var known = plain.ToDictionary(name => name, object (name) => new PickleGlobal(name), StringComparer.Ordinal);
        foreach (var (name, type) in Types)
            foreach (var module in (string[])["torch", "torch.storage"])
                known.Add($"{module}.{name}Storage", new PickleGlobal($"{module}.{name}Storage") { Storage = type });
        foreach (var name in ElementTypes)
            known.Add("torch." + name, "torch." + name);
        return known;
    }
}
