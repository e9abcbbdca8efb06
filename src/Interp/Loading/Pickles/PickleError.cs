namespace Interp;

/// <summary>What is wrong with a pickled file.</summary>
internal static class PickleError
{
    public static InvalidDataException Bad(string file, string fact, Exception? inner = null) => new($"Pickled file '{file}': {fact}.", inner);

    public static InvalidDataException CutShort(string file) => Bad(file, "it ends in the middle of a value: it is cut short; fetch it again");
}
