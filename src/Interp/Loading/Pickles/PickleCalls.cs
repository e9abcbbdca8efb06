namespace Interp;

using System.Text;
using static TorchSharp.torch;

/// <summary>What the calls in a pickle stand for: descriptions, checked; nothing is called.</summary>
internal static class PickleCalls
{
    /// <summary>The value of a call.</summary>
    /// <exception cref="InvalidDataException">What is called cannot be, or the arguments are not its own.</exception>
    public static object? Result(string file, object? function, object? arguments)
    {
        if (function is not PickleGlobal { Storage: null } global || arguments is not object?[] given)
            throw PickleError.Bad(file, $"it calls {(function is PickleGlobal named ? $"'{named.Name}'" : "something that is no function")}, which is never done here");
        return (global.Name, given) switch
        {
            (PickleGlobals.OrderedDict, []) => new PickleDict(),
            (PickleGlobals.OrderedDict, [List<object?> pairs]) => Pairs(file, pairs),
            (PickleGlobals.RebuildTensor, [PickledStorage storage, long offset, object?[] shape, object?[] strides]) => View(file, storage, offset, shape, strides),
            (PickleGlobals.RebuildTensor2, [PickledStorage storage, long offset, object?[] shape, object?[] strides, ..]) => View(file, storage, offset, shape, strides),
            (PickleGlobals.RebuildParameter, [PickledTensor tensor, ..]) => tensor,
            (PickleGlobals.Size, [object?[] extents]) => extents,
            (PickleGlobals.Size, [List<object?> extents]) => extents.ToArray(),
            (PickleGlobals.Device, [string name, ..]) => name,
            (PickleGlobals.Encode, [string text, string]) => Encoding.Latin1.GetBytes(text),
            _ => throw PickleError.Bad(file, $"it calls '{global.Name}' with arguments of another kind than PyTorch's: it is damaged, or of a version that is not known"),
        };
    }

    /// <summary>A reference to a storage: ('storage', class, key, device, count, ...).</summary>
    public static PickledStorage Storage(string file, object? reference)
    {
        if (reference is not object?[] { Length: 5 or 6 } parts || parts is not ["storage", PickleGlobal { Storage: { } type }, string key, string, long count, ..] || count < 0)
            throw PickleError.Bad(file, "it refers to something outside itself that is no storage of a tensor");
        if (parts.Length == 6 && parts[5] is not null)
            throw PickleError.Bad(file, $"its storage '{key}' is a part of another, as PyTorch before 0.4 wrote it: load it in Python and save it again");
        return new PickledStorage(key, type, count);
    }

    private static PickleDict Pairs(string file, List<object?> pairs)
    {
        var dict = new PickleDict();
        foreach (var pair in pairs)
        {
            if (pair is not object?[] { Length: 2 } and not List<object?> { Count: 2 })
                throw PickleError.Bad(file, "it makes a dictionary of something that is no list of pairs");
            var (key, value) = pair is object?[] tuple ? (tuple[0], tuple[1]) : (((List<object?>)pair)[0], ((List<object?>)pair)[1]);
            dict.Add(key, value);
        }
        return dict;
    }

    private static PickledTensor View(string file, PickledStorage storage, long offset, object?[] shape, object?[] strides)
    {
        var (extents, steps) = (Numbers(file, shape), Numbers(file, strides));
        if (extents.Length != steps.Length || offset < 0)
            throw PickleError.Bad(file, $"a tensor in storage '{storage.Key}' has {extents.Length} extents, {steps.Length} strides and begins at {offset}");
        var (count, last) = ((Int128)1, (Int128)offset);
        for (var axis = 0; axis < extents.Length; axis++)
        {
            count *= extents[axis];
            last += extents[axis] == 0 ? 0 : (Int128)(extents[axis] - 1) * steps[axis];
            // A later zero must not excuse an overflow before it.
            if (count > long.MaxValue || last > long.MaxValue)
                throw PickleError.Bad(file, $"a tensor in storage '{storage.Key}' has the shape [{string.Join(", ", extents)}], more elements than can be counted");
        }
        if (count > 0 && last >= storage.Count)
            throw PickleError.Bad(file, $"a tensor of shape [{string.Join(", ", extents)}] reaches element {(long)last:N0} of storage '{storage.Key}', which has {storage.Count:N0}");
        return new PickledTensor(storage, offset, extents, steps) { Span = count > 0 ? (long)last - offset + 1 : 0 };
    }

    private static long[] Numbers(string file, object?[] values) => Array.ConvertAll(values, value => value is long number and >= 0
        ? number
        : throw PickleError.Bad(file, "a tensor has an extent or stride that is no whole number from zero up"));
}
